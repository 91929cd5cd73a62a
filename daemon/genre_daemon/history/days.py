"""Spans of time as people see them, and what was heard in them.

Pure, for the terminal and for pictures alike.

Conventions
-----------
Times are seconds since 1970 (UTC). A day is a day of the calendar in a time zone, 23 to
25 hours long; None stands for this machine's own zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.messages import is_music

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from numpy.typing import NDArray

    from genre_daemon.history.runs import PastSegment

DAY_S = 86_400.0
LONGEST_ROW_S = 1.5 * DAY_S
"""A longer period is shown as one row or column a day."""
MAX_DAYS = 400
_TICKS_H = (1 / 12, 1 / 6, 1 / 4, 1 / 2, 1, 2, 3, 6, 12, 24)


@dataclass(frozen=True)
class Period:
    """A span of time, in a zone."""

    start_s: float
    end_s: float
    zone: tzinfo | None = None

    @property
    def duration_s(self) -> float:
        """Seconds from start to end."""
        return self.end_s - self.start_s

    @property
    def days(self) -> list[date]:
        """Return every day it touches."""
        first = local(self.start_s, self.zone).date()
        last = local(max(self.start_s, self.end_s - 1), self.zone).date()
        return [first + timedelta(n) for n in range((last - first).days + 1)]

    @property
    def title(self) -> str:
        """The period in words, such as ``Tue 28 Jul 2026``."""
        start, end = local(self.start_s, self.zone), local(self.end_s, self.zone)
        if not start.time() == end.time() == datetime.min.time():
            same_day = start.date() == end.date()
            ending = f"{end:%H:%M}" if same_day else f"{end:%a %-d %b %Y %H:%M}"
            return f"{start:%a %-d %b %Y %H:%M} to {ending}"
        days = self.days
        if len(days) == 1:
            return f"{days[0]:%a %-d %b %Y}"
        return f"{days[0]:%a %-d %b} to {days[-1]:%a %-d %b %Y}"


@dataclass(frozen=True)
class Row:
    """One line of a timeline, cut into cells."""

    label: str
    bounds: NDArray[np.float64]
    """Shape (n_cells + 1,), seconds since 1970: cell i ends where i + 1 begins."""
    ticks: tuple[tuple[float, str], ...]
    """Place in [0, 1] along the row, and what stands there."""


@dataclass(frozen=True)
class Share:
    """All of one genre in a period."""

    genre: str
    duration_s: float
    confidence: float
    """In [0, 1]: the mean over the time."""
    segments: int

    @property
    def music(self) -> bool:
        """Whether this is music."""
        return is_music(self.genre)


def local(time_s: float, zone: tzinfo | None) -> datetime:
    """Return a moment on the clocks of a zone."""
    return datetime.fromtimestamp(time_s, UTC).astimezone(zone)


def moment(day: date, hours: float, zone: tzinfo | None) -> float:
    """Return when the clocks of a zone showed so many hours after midnight."""
    naive = datetime(day.year, day.month, day.day) + timedelta(hours=hours)  # noqa: DTZ001 - the zone follows
    return naive.replace(tzinfo=zone).timestamp()


def whole_days(last: date, count: int, zone: tzinfo | None) -> Period:
    """Return some days, from midnight to midnight."""
    return Period(moment(last, 24 - 24 * count, zone), moment(last, 24, zone), zone)


def tick_hours(period: Period, most: float) -> float:
    """Return the hours between two ticks, so that a row has no more than so many."""
    shown_h = min(24.0, period.duration_s / 3_600)
    return next((h for h in _TICKS_H if shown_h / h <= most), _TICKS_H[-1])


def rows(period: Period, n_cells: int, tick_h: float) -> list[Row]:
    """Cut a period into rows: one if it is short, else one for every day.

    Parameters
    ----------
    period : Period
    n_cells : int > 0, in a row
    tick_h : float
        Hours between two ticks, such as :func:`tick_hours` returns.
    """
    if period.duration_s > LONGEST_ROW_S:
        return [_day_row(day, n_cells, tick_h, period.zone) for day in period.days]
    first = period.days[0]
    if period == whole_days(first, 1, period.zone):
        return [_day_row(first, n_cells, tick_h, period.zone)]
    bounds = np.linspace(period.start_s, period.end_s, n_cells + 1)
    return [Row("", bounds, _ticks(period, tick_h))]


def _day_row(day: date, n_cells: int, tick_h: float, zone: tzinfo | None) -> Row:
    # By the clock on the wall, so that all days line up even when it is changed.
    hours = np.linspace(0, 24, n_cells + 1)
    bounds = np.array([moment(day, float(hour), zone) for hour in hours])
    ticks = tuple((hour / 24, _clock(hour)) for hour in _steps(tick_h))
    return Row(f"{day:%a %d}", np.maximum.accumulate(bounds), ticks)


def _ticks(period: Period, tick_h: float) -> tuple[tuple[float, str], ...]:
    found = []
    for day in period.days:
        for hour in _steps(tick_h)[:-1]:
            time_s = moment(day, hour, period.zone)
            place = (time_s - period.start_s) / period.duration_s
            if 0 <= place <= 1:
                found.append((place, _clock(hour, minutes=tick_h < 1)))
    return tuple(found)


def _steps(tick_h: float) -> list[float]:
    return [n * tick_h for n in range(round(24 / tick_h) + 1)]


def _clock(hour: float, *, minutes: bool = False) -> str:
    whole = round(hour * 60)
    return f"{whole // 60:02}:{whole % 60:02}" if minutes else f"{whole // 60:02}"


def dominant(
    segments: Iterable[PastSegment], bounds: NDArray[np.float64]
) -> list[str | None]:
    """Return what was heard longest in every cell; None where nothing was heard.

    Parameters
    ----------
    segments : iterable of PastSegment
    bounds : ndarray, shape (n_cells + 1,), ascending
    """
    n_cells = len(bounds) - 1
    heard_s: dict[str, NDArray[np.float64]] = {}
    for segment in segments:
        if segment.end_s <= bounds[0] or segment.start_s >= bounds[-1]:
            continue
        first = max(0, int(np.searchsorted(bounds, segment.start_s, "right")) - 1)
        last = min(n_cells, int(np.searchsorted(bounds, segment.end_s, "left")))
        edges = np.clip(bounds[first : last + 1], segment.start_s, segment.end_s)
        total = heard_s.setdefault(segment.genre, np.zeros(n_cells))
        total[first:last] += np.diff(edges)
    if not heard_s:
        return [None] * n_cells
    genres = list(heard_s)
    table = np.stack([heard_s[genre] for genre in genres])
    longest = table.argmax(axis=0)
    return [
        genres[best] if total > 0 else None
        for best, total in zip(longest.tolist(), table.sum(axis=0), strict=True)
    ]


def shares(segments: Sequence[PastSegment], period: Period) -> list[Share]:
    """Return how long each genre was heard in a period, the longest first."""
    found: dict[str, list[tuple[float, float]]] = {}
    for segment in segments:
        start_s = max(segment.start_s, period.start_s)
        heard_s = min(segment.end_s, period.end_s) - start_s
        if heard_s > 0:
            found.setdefault(segment.genre, []).append((heard_s, segment.confidence))
    return sorted(
        (_share(genre, parts) for genre, parts in found.items()),
        key=lambda share: (-share.duration_s, share.genre),
    )


def _share(genre: str, parts: list[tuple[float, float]]) -> Share:
    total_s = sum(heard_s for heard_s, _ in parts)
    weighted = sum(heard_s * confidence for heard_s, confidence in parts)
    return Share(genre, total_s, weighted / total_s, len(parts))


def parse_moment(text: str, now_s: float, zone: tzinfo | None) -> float:
    """Return the moment that a person means.

    Parameters
    ----------
    text : str
        ``now``, ``today``, ``yesterday``, ``14:30`` (today), ``2026-07-28``,
        ``2026-07-28 14:30``, with an offset if wanted.
    now_s : float
    zone : tzinfo or None
        Of a text that names none.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    word = text.strip().lower()
    today = local(now_s, zone).date()
    if word == "now":
        return now_s
    if word in ("today", "yesterday"):
        return moment(today - timedelta(word == "yesterday"), 0, zone)
    if word.count(":") == 1 and word.replace(":", "").isdecimal():
        word = f"{today}T{word:0>5}"
    try:
        found = datetime.fromisoformat(word.upper())
        found = found if found.tzinfo else found.replace(tzinfo=zone)
        return found.timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(
            f"{text!r:.60} is no time: write 2026-07-28, '2026-07-28 14:30', 14:30, "
            "today, yesterday or now"
        ) from error
