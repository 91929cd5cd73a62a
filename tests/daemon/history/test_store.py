"""The rows of a history: never overlapping, bounded, and nobody else's file."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.history.file import HistoryError, connect, read_segments
from genre_daemon.history.runs import PastSegment, Runs
from genre_daemon.history.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW_S = 1_785_000_000.0
DAY_S = 86_400.0
ALWAYS = (0.0, 1e11)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the history of this test is."""
    return tmp_path / "state" / "attic.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An empty history."""
    with closing(Store(path, days=30)) as opened:
        yield opened


def segment(start_s: float, end_s: float, genre: str = "jazz") -> PastSegment:
    return PastSegment(NOW_S + start_s, NOW_S + end_s, genre, 0.75, "model 1", "attic")


def spans(path: Path) -> list[tuple[float, float]]:
    found = read_segments(path, *ALWAYS)
    return [(s.start_s - NOW_S, s.end_s - NOW_S) for s in found]


def test_what_is_written_is_read_back(store: Store, path: Path) -> None:
    written = [segment(0, 10), segment(10, 25.125, "pop")]
    store.write(written)
    assert read_segments(path, *ALWAYS) == written


def test_a_segment_that_grows_stays_one_row(store: Store, path: Path) -> None:
    for end_s in (10, 20, 30):
        store.write([segment(0, end_s)])
    assert spans(path) == [(0, 30)]


def test_reading_takes_what_touches_the_time(store: Store, path: Path) -> None:
    store.write([segment(0, 10), segment(10, 20), segment(20, 30)])
    found = read_segments(path, NOW_S + 12, NOW_S + 20)
    assert [s.start_s - NOW_S for s in found] == [10]
    newest = read_segments(path, *ALWAYS, limit=2)
    assert [s.start_s - NOW_S for s in newest] == [10, 20]


def test_nodes_that_share_a_file_are_told_apart(store: Store, path: Path) -> None:
    here, there = segment(0, 10), replace(segment(0, 10), node="cellar")
    store.write([here, there])
    assert read_segments(path, *ALWAYS, node="cellar") == [there]
    assert len(read_segments(path, *ALWAYS)) == 2


def test_time_that_is_accounted_for_is_not_taken_twice(
    store: Store, path: Path
) -> None:
    store.write([segment(100, 200), segment(300, 400)])
    store.write([segment(50, 350, "pop")])
    assert spans(path) == [(50, 100), (100, 200), (200, 300), (300, 400)]


def test_a_segment_goes_on_beyond_time_that_was_taken(store: Store, path: Path) -> None:
    store.write([segment(100, 200)])
    for end_s in (90, 150, 250):  # it grows, into what is there and out again
        store.write([segment(50, end_s, "pop")])
    assert spans(path) == [(50, 100), (100, 200), (200, 250)]


@settings(max_examples=40, deadline=None)  # each commits to a disk some thirty times
@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(1.0), st.floats(-200, 200)),
            st.sampled_from(["jazz", "pop", "silence"]),
        ),
        max_size=60,
    )
)
def test_no_clock_can_make_segments_overlap(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[float, str]]
) -> None:
    path = tmp_path_factory.mktemp("clock") / "attic.sqlite3"
    runs, now_s = Runs(), NOW_S
    heard_s: set[int] = set()
    with closing(Store(path, days=30)) as store:
        store.write([])
        for step_s, genre in steps:
            now_s += step_s
            heard_s.add(round(now_s))
            finished = runs.push(now_s, genre, 1.0)
            store.write([s for s in (finished, runs.current) if s])
    found = read_segments(path, *ALWAYS)
    assert all(s.duration_s > 0 for s in found)
    assert all(a.end_s <= b.start_s for a, b in pairwise(found))
    # And none of the time that was heard is missing.
    for moment in heard_s:
        assert any(s.start_s - 1 <= moment <= s.end_s + 1 for s in found)


def test_old_segments_are_forgotten(store: Store, path: Path) -> None:
    store.write([segment(-31 * DAY_S, -31 * DAY_S + 5), segment(-29 * DAY_S, 0)])
    store.write([segment(10, 20)])
    assert len(spans(path)) == 2


def test_a_large_history_gives_up_its_oldest(path: Path) -> None:
    many = [segment(10 * i, 10 * i + 10) for i in range(5_000)]
    with closing(Store(path, days=10_000, max_bytes=200_000)) as store:
        for start in range(0, len(many), 100):
            store.write(many[start : start + 100])
    kept = read_segments(path, *ALWAYS)
    assert kept == many[-len(kept) :]
    assert 1_000 < len(kept) < 4_000
    assert path.stat().st_size < 300_000


def test_a_damaged_file_is_set_aside_and_told_of(
    store: Store, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all, " * 1_000)
    with caplog.at_level(logging.WARNING):
        store.write([segment(0, 10)])
    assert spans(path) == [(0, 10)]
    (message,) = caplog.messages
    assert f"the history {path} is damaged" in message
    assert path.with_name("attic.sqlite3.damaged").read_bytes().startswith(b"no data")


def test_a_file_with_damaged_rows_is_set_aside_too(store: Store, path: Path) -> None:
    store.write([segment(10 * i, 10 * i + 10) for i in range(2_000)])
    store.close()
    data = bytearray(path.read_bytes())
    data[3 * 4_096 : 4 * 4_096] = b"\xff" * 4_096
    path.write_bytes(data)
    store.write([segment(0, 10)])
    assert spans(path) == [(0, 10)]
    assert path.with_name("attic.sqlite3.damaged").exists()


def test_another_programs_database_is_left_alone(store: Store, path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name)")
    before = path.read_bytes()
    with pytest.raises(HistoryError, match="is no history of this version"):
        store.write([segment(0, 10)])
    assert path.read_bytes() == before


def test_a_history_from_the_future_is_left_alone(store: Store, path: Path) -> None:
    store.write([segment(0, 10)])
    store.close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 2")
    with pytest.raises(HistoryError, match="version 2"):
        store.write([segment(10, 20)])


def test_the_file_is_in_wal_mode_and_synchronous(store: Store, path: Path) -> None:
    store.write([segment(0, 10)])
    with closing(connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_reading_says_what_is_missing(path: Path) -> None:
    with pytest.raises(HistoryError, match="there is no history at"):
        read_segments(path, *ALWAYS)


def test_reading_refuses_what_is_no_history(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("milk, bread, a compact disc, " * 100)
    with pytest.raises(HistoryError, match="cannot be read as a history"):
        read_segments(path, *ALWAYS)


def test_a_file_that_was_only_just_made_holds_no_segments(path: Path) -> None:
    # As a daemon leaves it that is killed before it has made the table.
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    assert read_segments(path, 0, 1e12) == []


def test_reading_leaves_nothing_behind(store: Store, path: Path) -> None:
    # Files made by a reader who is another user would be in the daemon's way.
    store.write([segment(0, 10)])
    store.close()
    assert spans(path) == [(0, 10)]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_an_earlier_process_segment_is_finished(store: Store, path: Path) -> None:
    store.write([segment(0, 60)])
    store.close()
    with closing(Store(path, days=30)) as later:
        later.recover(segment(0, 95))
        assert spans(path) == [(0, 95)]
        later.recover(segment(0, 80))  # what is on the disk is newer
        assert spans(path) == [(0, 95)]
        later.recover(segment(200, 230))  # never written at all
        assert spans(path) == [(0, 95), (200, 230)]
