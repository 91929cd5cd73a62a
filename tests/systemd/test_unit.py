"""The unit files: systemd accepts them, and they give away as little as they can."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "systemd" / "genre-listen.service"
USER_UNIT = UNIT.parent / "user" / UNIT.name

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


def analyze(*arguments: str) -> str:
    """Return what systemd-analyze prints."""
    done = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(("path", "scope"), [(UNIT, "--system"), (USER_UNIT, "--user")])
def test_systemd_accepts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Path, scope: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # or --user gives up
    # The program is not installed where the tests run; any other takes its place.
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", path.read_text()))
    assert analyze(scope, "verify", str(unit)) == ""


def test_its_exposure_is_at_most_1_7() -> None:
    answer = analyze("security", "--offline=yes", str(UNIT))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", answer)
    assert found is not None, answer
    assert float(found[1]) <= 1.7


@pytest.mark.parametrize("path", [UNIT, USER_UNIT])
def test_it_never_gives_up_never_waits_for_long_and_can_be_reloaded(path: Path) -> None:
    text = path.read_text()
    for line in (
        "Type=notify",
        "Restart=always",
        "StartLimitIntervalSec=0",
        "TimeoutStopSec=5",
        "ExecReload=/bin/kill -HUP $MAINPID",
    ):
        assert f"\n{line}\n" in text


def test_the_users_unit_needs_nothing_that_only_root_may_give() -> None:
    text = USER_UNIT.read_text()
    for option in ("DynamicUser", "User=", "ProtectSystem=", "DeviceAllow", "/opt/"):
        assert f"\n{option}" not in text
    assert "WantedBy=default.target" in text
