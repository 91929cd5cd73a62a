"""A history as a picture: a day as a strip, a week as a calendar, hours by genre.

See Also
--------
genre_daemon.history.view : the same in a terminal
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.display.words import percent, spoken
from genre_daemon.history.days import dominant, rows, shares, tick_hours
from genre_daemon.history.drawing import EMPTY, FAINT, GRID, Canvas, colour
from genre_daemon.history.view import hours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.history.days import Period, Row, Share
    from genre_daemon.history.drawing import Box
    from genre_daemon.history.runs import PastSegment

_WIDTH = 2_000
_MARGIN = 90
_TOP = 190
_STRIP_HEIGHT = 170
_CALENDAR_HEIGHT = 1_080
_SHARES_WIDTH = 620
_SHARE_HEIGHT = 46
_MOST_TICKS = 8
_FEWEST_PIXELS = 5
"""A day's column is this wide at least."""


def plot_history(
    segments: Sequence[PastSegment], period: Period, out: Path, *, node: str = ""
) -> None:
    """Draw a history into a file.

    Parameters
    ----------
    segments : sequence of PastSegment
        What was heard in the period.
    period : Period
        Up to a day and a half becomes a strip, longer ones a calendar.
    out : Path
        Ending in ``.png`` (or ``.webp``, ``.jpg``).
    node : str
        Who heard it, for the title.

    Raises
    ------
    PlotError
        If Pillow is missing or the file cannot be written.
    """
    totals = shares(segments, period)
    cells = _STRIP_HEIGHT * 12
    cut = rows(period, cells, tick_hours(period, _MOST_TICKS))
    if len(cut) == 1:
        canvas = _draw_strip(segments, cut[0], totals)
    else:
        canvas = _draw_calendar(segments, cut, totals)
    heard = [share.duration_s for share in totals if share.music]
    name = canvas.fitted(node or "what was heard", canvas.width / 2, 46)
    canvas.text(_MARGIN, 66, name, 46)
    canvas.text(_MARGIN, 122, period.title, 28, ink=FAINT)
    right = canvas.width - _MARGIN
    said = f"{hours(sum(heard))} of music" if heard else "no music"
    canvas.text(right, 66, said, 36, anchor="rm")
    listened = hours(sum(share.duration_s for share in totals))
    canvas.text(right, 122, f"in {listened} of listening", 28, ink=FAINT, anchor="rm")
    canvas.save(out)


def _draw_strip(
    segments: Sequence[PastSegment], row: Row, totals: Sequence[Share]
) -> Canvas:
    shares_top = _TOP + _STRIP_HEIGHT + 150
    height = shares_top + max(1, len(totals)) * _SHARE_HEIGHT + _MARGIN - 20
    canvas = Canvas(_WIDTH, height)
    left, right = _MARGIN, _WIDTH - _MARGIN
    bottom = _TOP + _STRIP_HEIGHT
    pixels = _colours(dominant(segments, row.bounds))
    canvas.image(pixels[None], (left, _TOP, right, bottom))
    for place, label in row.ticks:
        x = left + place * (right - left)
        canvas.box((x - 1, bottom + 6, x + 1, bottom + 18), FAINT)
        canvas.text(x, bottom + 38, label, 24, ink=FAINT, anchor="mm")
    canvas.text(right, bottom + 76, "time of day", 20, ink=FAINT, anchor="rm")
    _draw_shares(canvas, totals, (left, shares_top, right, height))
    return canvas


def _draw_calendar(
    segments: Sequence[PastSegment], cut: Sequence[Row], totals: Sequence[Share]
) -> Canvas:
    top, left = _TOP + 60, _MARGIN + 60
    plain = _WIDTH - left - _MARGIN - _SHARES_WIDTH
    column = max(_FEWEST_PIXELS, plain / len(cut))
    right = left + column * len(cut)
    bottom = top + _CALENDAR_HEIGHT
    canvas = Canvas(round(right + _SHARES_WIDTH + _MARGIN), bottom + 70)
    for place, label in cut[0].ticks:
        y = top + place * _CALENDAR_HEIGHT
        canvas.box((left - 14, y - 1, right, y + 1), GRID)
        canvas.text(left - 24, y, label, 24, ink=FAINT, anchor="rm")
    gap = min(10.0, column / 8)
    labelled = -float("inf")
    for number, row in enumerate(cut):
        x = left + number * column
        pixels = _colours(dominant(segments, row.bounds))
        canvas.image(pixels[:, None], (x + gap / 2, top, x + column - gap / 2, bottom))
        middle = x + column / 2
        # Where columns are narrow, every few days are named.
        if middle - labelled >= canvas.text_width(row.label, 24) + 12:
            canvas.text(middle, top - 28, row.label, 24, ink=FAINT, anchor="mm")
            labelled = middle
    canvas.text(_MARGIN, bottom + 40, "time of day", 20, ink=FAINT)
    _draw_shares(
        canvas, totals, (right + 70, top, right + _SHARES_WIDTH + _MARGIN / 2, bottom)
    )
    return canvas


def _draw_shares(canvas: Canvas, totals: Sequence[Share], box: Box) -> None:
    """Draw how long each genre was heard, and below what was no music."""
    left, y, right, _ = box
    if not totals:
        canvas.text(left, y + _SHARE_HEIGHT / 2, "Nothing was heard in this time.")
        return
    canvas.text(
        left, y - 28, "hours by genre, and its share of the music", 20, ink=FAINT
    )
    music_s = sum(share.duration_s for share in totals if share.music)
    longest_s = max((s.duration_s for s in totals if s.music), default=0.0)
    name_width = max(canvas.text_width(spoken(s.genre), 24) for s in totals) + 24
    told_width = canvas.text_width("000 h 00 min  100 %", 24) + 12
    bar_left = left + name_width
    for share in sorted(totals, key=lambda share: not share.music):
        middle = y + _SHARE_HEIGHT / 2
        canvas.text(left, middle, spoken(share.genre), 24)
        told = hours(share.duration_s)
        length = 28.0
        if share.music:
            length = (right - told_width - bar_left) * share.duration_s / longest_s
            told += f"  {percent(share.duration_s / music_s)}"
        end = bar_left + max(6.0, length)
        canvas.box((bar_left, middle - 14, end, middle + 14), colour(share.genre), 4)
        canvas.text(end + 14, middle, told, 24, ink=FAINT)
        y += _SHARE_HEIGHT


def _colours(genres: Sequence[str | None]) -> NDArray[np.uint8]:
    """Return the colours of cells, shape (n, 3)."""
    found = [EMPTY if genre is None else colour(genre) for genre in genres]
    return np.array(found, np.uint8)
