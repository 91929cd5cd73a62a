"""A frame of the display, from a view: pure, without a clock, of exactly its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from genre_daemon.display import words
from genre_daemon.display.heard import clean
from genre_daemon.display.rooms import room_rows
from genre_daemon.display.single import node_rows

if TYPE_CHECKING:
    from genre_daemon.display.view import Caps, View

_KEYS = (
    ("q", "quit"),
    ("space", "pause"),
    ("h", "help"),
    ("a", "all rooms"),
    ("n", "next node"),
)
_HELP = (
    ("q", "quit, as Ctrl-C does"),
    ("space", "pause, and go on"),
    ("n", "next node"),
    ("a", "all rooms, or one"),
    ("h, ?", "this help, and back"),
    ("", ""),
    ("bars", "what it may be, by the model"),
    ("strip", "the last minutes, now right"),
    ("level", "in dBFS; 0 is the limit"),
)
_MARGINS = ((44, 1), (100, 2), (1_000_000, 4))
"""Empty columns on either side, by the width they go with at most."""
_ROOMY = 16
"""Rows from which a footer gets a row of its own."""


def render(view: View, width: int, height: int, caps: Caps) -> Text:
    """Return a frame of ``height`` rows of at most ``width`` columns.

    Parameters
    ----------
    view : View
    width, height : int
        Of the terminal, in columns and rows; anything from 1.
    caps : Caps
        What the terminal can show.
    """
    margin = next(m for most, m in _MARGINS if width <= most)
    if width <= 2 * margin:
        margin = 0
    inner = width - 2 * margin
    below = _last_rows(view, inner, height)
    above = height - len(below)
    if view.help:
        rows = _help_rows(above)
    elif view.everyone:
        rows = room_rows(view, inner, above, caps)
    else:
        rows = node_rows(view, inner, above, caps)
    frame = Text(no_wrap=True, end="", overflow="crop")
    for index, row in enumerate([*rows, *below][:height]):
        if not caps.unicode:  # before it is cut: what has no width gets one
            row.plain = words.plain_ascii(row.plain)
        row.truncate(inner)
        frame.append("\n" if index else "").append(" " * margin).append_text(row)
    return frame


def _last_rows(view: View, width: int, height: int) -> list[Text]:
    """Return the keys, and the footer above them or in their place."""
    keys = Text()
    for key, does in _KEYS:
        entry = Text.assemble(("  " if keys else "", ""), (key, "bold"), f" {does}")
        fits = keys.cell_len + entry.cell_len <= width
        if fits and (key != "n" or len(view.nodes) > 1):
            keys.append_text(entry)
    keys.stylize("dim")
    if height < _ROOMY // 2:
        return []
    if not view.footer:
        return [keys]
    footer = Text(clean(view.footer), "dim")
    footer.truncate(width, overflow="ellipsis")
    return [footer, keys] if height >= _ROOMY else [footer]


def _help_rows(height: int) -> list[Text]:
    rows = [Text("genre-listen", "bold"), Text()]
    for key, does in _HELP:
        rows.append(Text.assemble((f"{key:<8}", "bold"), does))
    rows = rows[:height]
    return [*rows, *[Text()] * (height - len(rows))]
