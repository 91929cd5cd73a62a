"""The shelf: missed changes outlast the process; without any there is no file."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.home_assistant.home import wait

from genre_daemon.node.journal import LIMIT
from genre_daemon.node.shelf import Shelf

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO, THREE = '{"to": "jazz"}', '{"to": "rock"}', '{"to": "disco"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where nothing is yet, not even the folder."""
    return tmp_path / "state" / "room.missed"


def shelf(path: Path | None) -> Shelf:
    """Return one that writes."""
    made = Shelf(path)
    made.start()
    return made


def test_what_is_kept_is_there_for_the_next_run(path: Path) -> None:
    first = shelf(path)
    assert first.kept == []
    first.keep([ONE, TWO])
    first.close()
    assert Shelf(path).kept == [ONE, TWO]


def test_while_nothing_is_missed_there_is_no_file(path: Path) -> None:
    first = shelf(path)
    first.keep([])
    first.keep([ONE])
    wait(path.exists)
    first.keep([])
    wait(lambda: not path.exists())
    first.close()


def test_one_more_is_one_more_line(path: Path) -> None:
    first = shelf(path)
    first.keep([ONE])
    wait(path.exists)
    written = path.stat().st_ino
    first.keep([ONE, TWO])
    wait(lambda: path.read_text() == f"{ONE}\n{TWO}\n")
    assert path.stat().st_ino == written
    first.keep([TWO, THREE])
    wait(lambda: path.read_text() == f"{TWO}\n{THREE}\n")
    first.close()


def test_a_line_that_was_cut_short_is_left_out(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(f'{ONE}\n{TWO}\n{{"to": "di')
    assert Shelf(path).kept == [ONE, TWO]


def test_a_disk_that_refuses_is_told_once_and_tried_again(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = shelf(path)
    path.parent.write_text("a file where the folder should be")
    first.keep([ONE])
    wait(lambda: "kept in memory only" in caplog.text)
    first.keep([ONE, TWO])
    wait(lambda: not first._dirty)
    path.parent.unlink()
    first.keep([ONE, TWO, THREE])
    wait(path.exists)
    first.close()
    assert Shelf(path).kept == [ONE, TWO, THREE]
    assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1


def test_without_a_place_nothing_is_kept() -> None:
    first = shelf(None)
    first.keep([ONE])
    assert first.kept == []
    first.close()


_LINES = st.sampled_from([ONE, "{", "[]", "1", "{}x", '{"a": ' * 5_000, "\0"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary() | st.lists(_LINES).map("\n".join).map(str.encode))
def test_only_objects_are_taken_from_a_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    assert all(isinstance(json.loads(text), dict) for text in Shelf(path).kept)


def test_the_newest_are_taken_of_too_many(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("".join(f'{{"n": {n}}}\n' for n in range(3 * LIMIT)))
    kept = Shelf(path).kept
    assert len(kept) == LIMIT
    assert kept[-1] == f'{{"n": {3 * LIMIT - 1}}}'
