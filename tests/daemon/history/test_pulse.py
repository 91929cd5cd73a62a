"""The open segment in memory: found again, and never believed blindly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.history.pulse import Pulse
from genre_daemon.history.runs import PastSegment

HISTORY = Path("/var/lib/genre-listen/attic.sqlite3")
SEGMENT = PastSegment(1_000.0, 1_060.5, "jazz", 0.75, "model 1", "attic")


def test_what_is_written_is_found_by_the_next_process(tmp_path: Path) -> None:
    environ = {"RUNTIME_DIRECTORY": str(tmp_path)}
    assert Pulse(HISTORY, environ).write(SEGMENT)
    assert Pulse(HISTORY, environ).read() == SEGMENT
    assert Pulse(HISTORY.with_name("cellar.sqlite3"), environ).read() is None
    Pulse(HISTORY, environ).clear()
    assert Pulse(HISTORY, environ).read() is None


@pytest.mark.parametrize("environ", [{}, {"XDG_RUNTIME_DIR": "/no/such/folder"}])
def test_where_there_is_no_memory_it_says_so(environ: dict[str, str]) -> None:
    pulse = Pulse(HISTORY, environ)
    assert not pulse.write(SEGMENT)
    assert pulse.read() is None
    pulse.clear()


@pytest.mark.parametrize(
    "change",
    [
        {"end_s": 900.0},
        {"start_s": -1.0},
        {"end_s": float("nan")},
        {"confidence": 2.0},
        {"genre": 7},
        {"more": 1},
    ],
)
def test_nonsense_is_not_believed(tmp_path: Path, change: dict[str, object]) -> None:
    pulse = Pulse(HISTORY, {"RUNTIME_DIRECTORY": str(tmp_path)})
    pulse.write(SEGMENT)
    (file,) = tmp_path.iterdir()
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    assert pulse.read() is None


@given(st.binary(max_size=200))
def test_any_bytes_can_be_there(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("run")
    pulse = Pulse(HISTORY, {"RUNTIME_DIRECTORY": str(folder)})
    pulse.write(SEGMENT)
    (file,) = folder.iterdir()
    file.write_bytes(content)
    assert pulse.read() is None
