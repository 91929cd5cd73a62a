"""A history in a terminal, and as JSON and CSV.

See Also
--------
genre_daemon.history.plot : the same as a picture
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Group
from rich.style import Style
from rich.table import Table
from rich.text import Text

from genre_daemon.display import meters, palette
from genre_daemon.display.words import percent, plain_ascii, spoken
from genre_daemon.history.days import Period, dominant, rows, shares, tick_hours
from genre_daemon.messages import NO_MUSIC, SILENCE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genre_daemon.display.view import Caps
    from genre_daemon.history.days import Share
    from genre_daemon.history.runs import PastSegment

_BAR_COLUMNS = 24
_NARROW_COLUMNS = 34
_WIDE_COLUMNS = 60
_MIN_COLUMNS = 24
_TICK_COLUMNS = 8
_SIGNS = {SILENCE: "-", NO_MUSIC: "~", UNKNOWN: "?"}
_HEIGHTS = {SILENCE: "▁", NO_MUSIC: "▃", UNKNOWN: "▆"}


def render(
    segments: Sequence[PastSegment],
    period: Period,
    caps: Caps,
    *,
    node: str = "",
    width: int = 80,
) -> Group:
    """Return a timeline and the share of every genre.

    Parameters
    ----------
    segments : sequence of PastSegment
        What was heard in the period.
    period : Period
    caps : Caps
        Without colour, letters stand for the genres.
    node : str
        Who heard it, for the title.
    width : int
        Columns of the terminal.
    """
    heading = Text(f"{node}  " if node else "", "bold", overflow="fold")
    heading.append(period.title, "not bold")
    totals = shares(segments, period)
    if not totals:
        return Group(heading, Text("Nothing was heard in this time."))
    letters = letter_by_genre([share.genre for share in totals])
    strip = _timeline(segments, period, letters, caps, max(width, _MIN_COLUMNS))
    parts = [heading, Text(_summary(totals)), Text(), *strip, Text()]
    return Group(*parts, _table(totals, letters, caps, width))


def letter_by_genre(genres: Iterable[str]) -> dict[str, str]:
    """Return a letter of its own for every genre, from its name where one is left.

    What is no genre gets a sign, so that the letters stand out.
    """
    found: dict[str, str] = {}
    for genre in sorted(genres):
        if genre in _SIGNS:
            found[genre] = _SIGNS[genre]
            continue
        plain = plain_ascii(genre)
        choices = plain.upper() + plain.lower() + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        free = (c for c in choices if c.isalnum() and c not in found.values())
        found[genre] = next(free, "+")
    return found


def hours(seconds: float) -> str:
    """Return a time span such as ``3 h 05 min``, ``12 min`` or ``40 s``."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.0f} s"
    whole, minutes = divmod(round(seconds / 60), 60)
    return f"{whole} h {minutes:02} min" if whole else f"{minutes} min"


def _summary(totals: Sequence[Share]) -> str:
    heard_s = sum(share.duration_s for share in totals)
    music_s = sum(share.duration_s for share in totals if share.music)
    said = f"listened for {hours(heard_s)}, to music for {hours(music_s)}"
    return f"{said} ({percent(music_s / heard_s)})"


def _timeline(
    segments: Sequence[PastSegment],
    period: Period,
    letters: Mapping[str, str],
    caps: Caps,
    width: int,
) -> list[Text]:
    margin = len("Tue 28 ") if rows(period, 1, 24)[0].label else 0
    n_cells = width - margin - 1
    tick_h = tick_hours(period, n_cells / _TICK_COLUMNS)
    cut = rows(period, n_cells, tick_h)
    lines = []
    for row in cut:
        line = Text(f"{row.label:<{margin}}"[:margin], no_wrap=True)
        for genre in dominant(segments, row.bounds):
            line.append(*_cell(genre, letters, caps))
        lines.append(line)
    return [*lines, Text(" " * margin + _axis(cut[0].ticks, n_cells), "dim")]


def _cell(
    genre: str | None, letters: Mapping[str, str], caps: Caps
) -> tuple[str, Style]:
    if genre is None:
        return ("·" if caps.unicode else "."), Style(dim=True)
    if not caps.colour:
        return letters[genre], Style()
    if not caps.unicode:
        return "#", meters.ink(palette.colour(genre), caps)
    # Music stands out from the sounds of the house, and those from silence.
    return _HEIGHTS.get(genre, "█"), meters.ink(palette.colour(genre), caps)


def _axis(ticks: Iterable[tuple[float, str]], n_cells: int) -> str:
    axis = [" "] * (n_cells + 1)
    for place, label in ticks:
        start = min(round(place * n_cells), n_cells + 1 - len(label))
        axis[start : start + len(label)] = label
    return "".join(axis)


def _table(
    totals: Sequence[Share], letters: Mapping[str, str], caps: Caps, width: int
) -> Table:
    music_s = sum(share.duration_s for share in totals if share.music)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="crop", no_wrap=True)
    table.add_column(overflow="crop", no_wrap=True)
    table.add_column(overflow="crop", no_wrap=True, justify="right")
    table.add_column(overflow="crop", no_wrap=True, justify="right")
    for share in sorted(totals, key=lambda share: not share.music):
        mark = Text(*_cell(share.genre, letters, caps))
        word = spoken(share.genre)
        name = Text(word if caps.unicode else plain_ascii(word))
        time = Text(hours(share.duration_s))
        if not share.music:
            name.stylize("dim")
            table.add_row(mark, name, time)
            continue
        part = share.duration_s / music_s
        cells = [Text(percent(part))] if width >= _NARROW_COLUMNS else []
        if width >= _WIDE_COLUMNS:
            ink = meters.ink(palette.colour(share.genre), caps)
            cells.append(meters.bar(part, min(_BAR_COLUMNS, width - 52), caps, ink))
            cells.append(Text(f"sure {percent(share.confidence)}", "dim"))
        table.add_row(mark, name, time, *cells)
    return table


def as_json(segments: Sequence[PastSegment], period: Period, node: str = "") -> str:
    """Return the segments and shares of a period as one JSON object."""
    return json.dumps(
        {
            "node": node,
            "from": timestamp(period.start_s),
            "to": timestamp(period.end_s),
            "shares": [
                {
                    "genre": share.genre,
                    "duration_s": round(share.duration_s, 1),
                    "confidence": round(share.confidence, 3),
                    "segments": share.segments,
                    "music": share.music,
                }
                for share in shares(segments, period)
            ],
            "segments": [
                {
                    "start": timestamp(segment.start_s),
                    "end": timestamp(segment.end_s),
                    "genre": segment.genre,
                    "confidence": round(segment.confidence, 3),
                    "model": segment.model,
                    "node": segment.node,
                }
                for segment in segments
            ],
        }
    )


def as_csv(segments: Iterable[PastSegment]) -> str:
    """Return segments as CSV with a header, times in RFC 3339 and UTC."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    header = ("start", "end", "duration_s", "genre", "confidence", "model", "node")
    table.writerow(header)
    for segment in segments:
        table.writerow(
            (
                timestamp(segment.start_s),
                timestamp(segment.end_s),
                f"{segment.duration_s:.1f}",
                segment.genre,
                f"{segment.confidence:.3f}",
                segment.model,
                segment.node,
            )
        )
    return text.getvalue()


def timestamp(time_s: float) -> str:
    """Return a moment as RFC 3339 in UTC, to the second."""
    moment = datetime.fromtimestamp(time_s, UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
