"""What was asked outlasts a restart, and in doubt the microphone stays closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genre_daemon.homeassistant.remembered import Remembered

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "asked", [Remembered(), Remembered(listening=False), Remembered(True, 0.55)]
)
def test_what_is_saved_is_loaded(tmp_path: Path, asked: Remembered) -> None:
    path = tmp_path / "new" / "bar.asked.json"
    asked.save(path)
    assert Remembered.load(path) == asked
    assert list(path.parent.iterdir()) == [path]


def test_without_a_file_nothing_was_asked(tmp_path: Path) -> None:
    assert Remembered.load(tmp_path / "none") == Remembered(listening=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b'{"listening": true}',
        b'{"listening": 1, "threshold": null}',
        b'{"listening": true, "threshold": 1.5}',
        b'{"listening": true, "threshold": NaN}',
        b'{"listening": true, "threshold": []}',
        b"\xff\xfe",
        b"[" * 5_000,
    ],
)
def test_a_damaged_file_keeps_the_microphone_closed(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "asked.json"
    path.write_bytes(content)
    assert Remembered.load(path) == Remembered(listening=False)
    assert "listening stays off until it is switched on" in caplog.text


def test_a_disk_that_cannot_be_written_to_is_only_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    Remembered(listening=False).save(tmp_path / "file" / "asked.json")
    assert "will be forgotten at a restart" in caplog.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_whatever_a_file_holds_is_taken(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "asked.json"
    path.write_bytes(content)
    threshold = Remembered.load(path).threshold
    assert threshold is None or 0.0 <= threshold <= 1.0
