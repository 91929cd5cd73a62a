"""Days, rows and shares: by the clock on the wall, in any zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.history.days import (
    Period,
    dominant,
    local,
    moment,
    parse_moment,
    rows,
    shares,
    tick_hours,
    whole_days,
)
from genre_daemon.history.runs import PastSegment

BERLIN = ZoneInfo("Europe/Berlin")
NOON_S = datetime(2026, 7, 28, 12, tzinfo=UTC).timestamp()


def segment(start_s: float, end_s: float, genre: str = "jazz") -> PastSegment:
    return PastSegment(start_s, end_s, genre, 0.5)


@pytest.mark.parametrize(
    ("day", "length_h"),
    [
        (date(2026, 7, 28), 24),
        (date(2026, 3, 29), 23),  # the clocks go forward
        (date(2026, 10, 25), 25),  # and back
    ],
)
def test_a_day_lasts_from_midnight_to_midnight(day: date, length_h: int) -> None:
    period = whole_days(day, 1, BERLIN)
    assert period.duration_s == length_h * 3_600
    assert period.days == [day]
    (row,) = rows(period, 240, 3)
    assert len(row.bounds) == 241
    assert (np.diff(row.bounds) >= 0).all()
    # Noon is in the middle, whatever the clocks did.
    assert row.bounds[120] == moment(day, 12, BERLIN)
    assert local(row.bounds[120], BERLIN).hour == 12
    assert row.ticks[4] == (0.5, "12")


def test_a_week_is_a_row_a_day() -> None:
    cut = rows(whole_days(date(2026, 7, 28), 7, BERLIN), 48, 6)
    assert [row.label for row in cut][::6] == ["Wed 22", "Tue 28"]
    for before, after in pairwise(cut):
        assert before.bounds[-1] == after.bounds[0]


def test_some_hours_are_one_row_with_the_hours_that_are_in_it() -> None:
    period = Period(NOON_S - 6 * 3_600, NOON_S, UTC)
    (row,) = rows(period, 60, 3)
    assert row.ticks == ((0.0, "06"), (0.5, "09"), (1.0, "12"))
    assert (row.bounds[0], row.bounds[-1]) == (period.start_s, period.end_s)


def test_a_short_time_has_its_minutes_told() -> None:
    period = Period(NOON_S, NOON_S + 1_800, UTC)
    tick_h = tick_hours(period, 4)
    (row,) = rows(period, 60, tick_h)
    assert [text for _, text in row.ticks] == ["12:00", "12:10", "12:20", "12:30"]
    assert row.ticks[1][0] == pytest.approx(1 / 3)


@pytest.mark.parametrize("most", [1, 4, 8, 30])
def test_there_are_no_more_ticks_than_fit(most: int) -> None:
    for length_s in (60, 3_600, 86_400, 7 * 86_400):
        period = Period(NOON_S, NOON_S + length_s, UTC)
        for row in rows(period, 10, tick_hours(period, most)):
            assert len(row.ticks) <= most + 1


@pytest.mark.parametrize(
    ("period", "title"),
    [
        (whole_days(date(2026, 7, 28), 1, BERLIN), "Tue 28 Jul 2026"),
        (
            whole_days(date(2026, 7, 28), 7, BERLIN),
            "Wed 22 Jul to Tue 28 Jul 2026",
        ),
        (
            Period(NOON_S, NOON_S + 3_600, BERLIN),
            "Tue 28 Jul 2026 14:00 to 15:00",
        ),
    ],
)
def test_a_period_has_a_title(period: Period, title: str) -> None:
    assert period.title == title


def test_a_cell_shows_what_was_heard_longest_in_it() -> None:
    heard = [segment(0, 14), segment(14, 19, "pop"), segment(30, 30.1, "rock")]
    cells = dominant(heard, np.array([0.0, 10.0, 20.0, 30.0, 40.0]))
    assert cells == ["jazz", "pop", None, "rock"]


@given(
    st.lists(st.integers(0, 100), unique=True).map(sorted),
    st.lists(st.integers(-20, 120), min_size=2, unique=True).map(sorted),
)
def test_cells_and_segments_agree(cuts: list[int], edges: list[int]) -> None:
    heard = [
        segment(a, b, str(a % 3)) for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    bounds = np.array(edges, float)
    for i, genre in enumerate(dominant(heard, bounds)):
        length: dict[str, float] = {}
        for s in heard:
            inside = min(s.end_s, bounds[i + 1]) - max(s.start_s, bounds[i])
            if inside > 0:
                length[s.genre] = length.get(s.genre, 0) + inside
        if genre is None:
            assert not length
        else:
            assert length[genre] == max(length.values())


def test_shares_count_only_what_lies_in_the_period() -> None:
    heard = [segment(0, 10), segment(10, 40, "silence"), segment(40, 60)]
    first, second = shares(heard, Period(5, 50))
    assert (first.genre, first.duration_s, first.music) == ("silence", 30, False)
    assert (second.genre, second.duration_s, second.segments) == ("jazz", 15, 2)


def test_confidence_is_a_mean_over_time() -> None:
    heard = [PastSegment(0, 30, "jazz", 0.9), PastSegment(30, 40, "jazz", 0.5)]
    assert shares(heard, Period(0, 40))[0].confidence == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", datetime(2026, 7, 28, 14, tzinfo=BERLIN)),
        ("today", datetime(2026, 7, 28, tzinfo=BERLIN)),
        ("Yesterday", datetime(2026, 7, 27, tzinfo=BERLIN)),
        ("9:30", datetime(2026, 7, 28, 9, 30, tzinfo=BERLIN)),
        ("2026-07-01", datetime(2026, 7, 1, tzinfo=BERLIN)),
        ("2026-07-01 14:30", datetime(2026, 7, 1, 14, 30, tzinfo=BERLIN)),
        ("2026-07-01T14:30Z", datetime(2026, 7, 1, 14, 30, tzinfo=UTC)),
    ],
)
def test_people_name_moments_in_many_ways(text: str, expected: datetime) -> None:
    assert parse_moment(text, NOON_S, BERLIN) == expected.timestamp()


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-13-01", "1e5", "::"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time: write 2026-07-28"):
        parse_moment(text, NOON_S, BERLIN)


def test_without_a_zone_the_machine_s_own_counts() -> None:
    here = datetime(2026, 7, 28).astimezone()
    assert moment(date(2026, 7, 28), 0, None) == here.timestamp()
    assert moment(date(2026, 7, 28), 24, None) == pytest.approx(
        here.timestamp() + timedelta(days=1).total_seconds(), abs=3_600
    )
