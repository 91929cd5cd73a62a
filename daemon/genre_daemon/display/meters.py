"""Bars, the level meter and the timeline strip: one row of text each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from genre_daemon.display import palette
from genre_daemon.display.words import plain_ascii, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genre_daemon.display.nodes import Span
    from genre_daemon.display.view import Caps

_EIGHTHS = " ▏▎▍▌▋▊▉"
_QUIETEST_DBFS = -60.0
_ZONES = ((0.8, palette.GOOD), (0.95, palette.CAUTION), (1.0, palette.BAD))
"""Upper ends of the meter's zones: -12 and -3 dBFS, and full scale."""


def ink(number: int, caps: Caps, *, dim: bool = False) -> Style:
    """Return the style of solid areas in a palette colour.

    Without Unicode an area is made of ``#``; as its own background it looks solid.
    """
    if not caps.colour:
        return Style(dim=dim)
    name = palette.style(number)
    if caps.unicode:
        return Style(color=name, dim=dim)
    return Style(color=name, bgcolor=name)


def bar(fraction: float, width: int, caps: Caps, style: Style) -> Text:
    """Return a bar that is full at 1, on a faint track."""
    filled = min(max(fraction, 0.0), 1.0) * width
    if caps.unicode:
        whole, eighths = divmod(round(filled * 8), 8)
        body = "█" * whole + (_EIGHTHS[eighths] if eighths else "")
    else:
        body = "#" * round(filled)
    track = ("·" if caps.unicode else ".") * (width - len(body))
    return Text.assemble((body, style), (track, "dim"))


def level(dbfs: float, width: int, caps: Caps) -> Text:
    """Return a level meter from -60 to 0 dBFS, green, amber and red."""
    full = 1.0 - min(max(dbfs / _QUIETEST_DBFS, 0.0), 1.0)
    text = bar(full, width, caps, Style())
    filled = -(-round(full * width * 8) // 8) if caps.unicode else round(full * width)
    start = 0
    for end, number in _ZONES:
        stop = min(filled, round(end * width))
        if stop > start:
            text.stylize(ink(number, caps), start, stop)
        start = max(start, stop)
    return text


def timeline(  # noqa: PLR0913 - a span of time on a strip of space
    spans: Sequence[Span],
    start_s: float,
    end_s: float,
    width: int,
    caps: Caps,
    *,
    names: bool = True,
) -> Text:
    """Return what was heard between two times, each genre in its colour by name.

    A name stands where its span is wide enough; without colour, spans begin with a
    bar and are filled with dashes.
    """
    step_s = (end_s - start_s) / max(1, width)
    genres: list[str | None] = []
    for column in range(width):
        middle_s = start_s + (column + 0.5) * step_s
        genres.append(_genre_at(spans, middle_s))
    text = Text(no_wrap=True)
    column = 0
    while column < width:
        stop = column + 1
        while stop < width and genres[stop] == genres[column]:
            stop += 1
        text.append_text(_run(genres[column], stop - column, caps, names=names))
        column = stop
    return text


def _genre_at(spans: Sequence[Span], time_s: float) -> str | None:
    for span in reversed(spans):
        if span.end_s < time_s:
            return None
        if span.start_s <= time_s:
            return span.genre
    return None


def _run(genre: str | None, width: int, caps: Caps, *, names: bool) -> Text:
    if genre is None:
        return Text(("·" if caps.unicode else ".") * width, "dim")
    name = spoken(genre) if names else ""
    if not caps.unicode:
        name = plain_ascii(name)
    if caps.colour:
        number = palette.colour(genre)
        label = f" {name} " if name and cell_len(name) + 2 <= width else ""
        # White on these colours is at least 3:1, and bold.
        style = Style(color="color(231)", bgcolor=palette.style(number), bold=True)
        filler = " " if caps.unicode else "#"
        text = Text(label, style)
        rest = Style(color=palette.style(number), bgcolor=palette.style(number))
        return text.append(filler * (width - cell_len(label)), rest)
    edge, dash = (
        ("│", "─" if names else " ") if caps.unicode else ("|", "-" if names else " ")
    )
    fits = cell_len(name) + 1 <= width
    label = name if fits else set_cell_size(name, width - 1)
    body = edge + label
    return Text(body + dash * (width - cell_len(body)))
