"""Verdicts on a wall clock: joined while they are equal and near."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.history.runs import PastSegment, Runs, free_pieces, with_current


def joined(*verdicts: tuple[float, str, float]) -> list[PastSegment]:
    """Return the segments of some verdicts."""
    runs = Runs("attic", "model 1")
    found = [runs.push(*verdict) for verdict in verdicts]
    return [segment for segment in (*found, runs.reset()) if segment]


def test_equal_verdicts_make_one_segment_with_their_mean_confidence() -> None:
    found = joined((100.0, "jazz", 0.5), (101.0, "jazz", 0.7), (102.0, "jazz", 0.9))
    (segment,) = found
    assert (segment.start_s, segment.end_s, segment.genre) == (99.0, 102.0, "jazz")
    assert segment.confidence == pytest.approx(0.7)
    assert (segment.node, segment.model) == ("attic", "model 1")


def test_segments_follow_each_other_without_a_gap() -> None:
    first, second = joined((100, "jazz", 1), (101, "pop", 1), (102, "pop", 1))
    assert (first.start_s, first.end_s) == (99, 100)
    assert (second.start_s, second.end_s) == (100, 102)


def test_a_pause_in_listening_ends_a_segment() -> None:
    first, second = joined((100, "jazz", 1), (200, "jazz", 1))
    assert first.end_s == 100
    assert second.start_s == 199


def test_a_clock_that_is_set_back_begins_a_new_segment() -> None:
    first, second = joined((100, "jazz", 1), (50, "jazz", 1), (51, "jazz", 1))
    assert (first.start_s, first.end_s) == (99, 100)
    assert (second.start_s, second.end_s) == (49, 51)


@pytest.mark.parametrize("time_s", [math.nan, math.inf, -1.0, 0.0, 1e300])
def test_a_verdict_at_no_time_is_left_out(time_s: float) -> None:
    assert joined((time_s, "jazz", 1.0)) == []


def test_nothing_goes_on_after_a_reset() -> None:
    runs = Runs()
    assert runs.reset() is None
    runs.push(100, "jazz", 1)
    assert runs.reset() is not None
    assert runs.current is None


def test_the_open_segment_takes_the_place_of_what_was_written_of_it() -> None:
    old, part = PastSegment(0, 10, "pop", 0.5), PastSegment(10, 20, "jazz", 0.5)
    whole = PastSegment(10, 45, "jazz", 0.6)
    assert with_current([old, part], whole) == [old, whole]
    assert with_current([old], whole) == [old, whole]
    assert with_current([old, part], None) == [old, part]


def test_an_open_segment_that_does_not_follow_changes_nothing() -> None:
    read = [PastSegment(0, 10, "pop", 0.5), PastSegment(20, 30, "pop", 0.5)]
    assert with_current(read, PastSegment(5, 8, "jazz", 0.5)) == read
    assert with_current(read, PastSegment(25, 35, "pop", 0.5)) == read


def test_half_a_character_does_not_get_into_a_segment() -> None:
    (segment,) = joined((100.0, "ja\ud800zz", 1.0))
    assert segment.genre.encode() == b"ja?zz"


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.lists(st.integers(0, 60), unique=True).map(sorted),
)
def test_free_pieces_and_what_was_taken_make_up_the_span(
    start: int, end: int, cuts: list[int]
) -> None:
    taken = list(zip(cuts[::2], cuts[1::2], strict=False))
    covered = {t for begin, stop in taken for t in range(begin, stop)}
    pieces = free_pieces(start, end, taken)
    assert all(begin < stop for begin, stop in pieces)
    inside = [t for begin, stop in pieces for t in range(begin, stop)]
    assert inside == sorted(set(range(start, end)) - covered)
