"""The unit file: systemd accepts it, and it gives away as little as it can."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "systemd" / "genre-listen.service"

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


def analyze(*arguments: str) -> str:
    """Return what systemd-analyze prints."""
    done = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_systemd_accepts_it(tmp_path: Path) -> None:
    # The program is not installed where the tests run; any other takes its place.
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text()))
    assert analyze("verify", str(unit)) == ""


def test_its_exposure_is_at_most_1_7() -> None:
    answer = analyze("security", "--offline=yes", str(UNIT))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", answer)
    assert found is not None, answer
    assert float(found[1]) <= 1.7


def test_it_never_gives_up_and_never_waits_for_long() -> None:
    text = UNIT.read_text()
    for line in ("Type=notify", "Restart=always", "StartLimitIntervalSec=0"):
        assert f"\n{line}\n" in text
