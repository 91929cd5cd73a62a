"""All nodes: one row a room, or three where there is space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from genre_daemon.display import bigtext, meters, palette, words
from genre_daemon.display.health import header, health, mark
from genre_daemon.display.single import live_spans, window_minutes

if TYPE_CHECKING:
    from genre_daemon.display.nodes import NodeState
    from genre_daemon.display.view import Caps, View

_NAME_COLUMNS = 20
_TALL = 4
"""Rows of a room where the genre is large: three and an empty one."""
_STRIP_FROM = 24
"""Columns left over from which a timeline is worth drawing."""
_FACTS_COLUMNS = 13
"""Confidence and time."""
_SIGNS_COLUMNS = 5
"""The mark and the blanks between the columns."""


@dataclass(frozen=True)
class _Layout:
    """What all rooms have in common, found once a frame."""

    face: bigtext.Face | None
    name: int
    """Columns of the name."""
    genre: int
    """Columns of the genre."""
    tail: int
    """Columns of what is told besides."""
    minutes: int
    """That the timeline covers; 0 where there is no room for it."""


def room_rows(view: View, width: int, height: int, caps: Caps) -> list[Text]:
    """Return the rows of the display of all nodes, exactly ``height`` of them."""
    count = len(view.nodes)
    title = "1 room" if count == 1 else f"{count} rooms"
    top = [header(view, f"genre-listen  {title}" if count else "genre-listen", width)]
    bottom = [health(None, view, width)]
    space = height - len(top) - len(bottom)
    tall = caps.unicode and count > 0 and space >= _TALL * count + 1
    if tall or space > count + 1:
        top.append(Text())
        space -= 1
    if count:
        layout = _layout(view, width, tall=tall)
        body = []
        for node in view.nodes[: max(space, 1)]:  # no others are drawn
            body += _room(node, view, layout, caps)
    else:
        said = words.headline(None, view)
        body = [Text(said.word, "bold"), Text(said.sentence)]
    if count > space > 0:
        hidden = count - space + 1
        body = [*body[: space - 1], Text(f"and {hidden} more", "dim")]
    rows = [*top, *body]
    return [*rows, *[Text()] * (height - len(rows) - len(bottom)), *bottom]


def _layout(view: View, width: int, *, tall: bool) -> _Layout:
    longest = max(cell_len(node.label) for node in view.nodes)
    name = min(longest, _NAME_COLUMNS, max(4, width // 3 - 1))
    said = [words.headline(node, view).word for node in view.nodes]
    room = width - name - _SIGNS_COLUMNS - _FACTS_COLUMNS
    face = bigtext.choose(said, room, _TALL - 1, unicode=True) if tall else None
    genre = _genre_columns(said, face, width)
    tail = width - name - _SIGNS_COLUMNS - genre
    strip = tail - _FACTS_COLUMNS - 2
    minutes = 0
    if strip >= _STRIP_FROM:
        everything = [span for node in view.nodes for span in node.spans]
        minutes = window_minutes(everything, view.now_s, strip)
    return _Layout(face, name, genre, tail, minutes)


def _room(node: NodeState, view: View, layout: _Layout, caps: Caps) -> list[Text]:
    said = words.headline(node, view)
    number = palette.CAUTION if said.trouble else palette.QUIET
    if said.heard and node.heard:
        number = palette.colour(node.heard.genre)
    style = Style(color=palette.style(number) if caps.colour else None, bold=True)
    name = set_cell_size(node.label, layout.name)
    row = mark(node, view).append(" ").append(f"{name}  ", "bold")
    face = layout.face
    drawn = face.draw(said.word) if face and face.width(said.word) else [said.word]
    tail = _tail(node, view, layout, caps)
    if len(drawn) == 1:
        cell = set_cell_size(said.word, layout.genre)
        lines = [row.append(cell, style).append(" ").append_text(tail)]
        blank = _TALL - 1 if face else 0
        return [*lines, *[Text()] * blank]
    indent = " " * row.cell_len
    middle = [Text(indent), row, Text(indent)]
    for line, letters in zip(middle, drawn, strict=True):
        line.append(set_cell_size(letters, layout.genre), style).append(" ")
    middle[1].append_text(tail)
    return [*middle, Text()]


def _genre_columns(said: list[str], face: bigtext.Face | None, width: int) -> int:
    if face:
        return max(face.width(word) or len(word) for word in said)
    return min(max(9, *(cell_len(word) for word in said)), max(5, width // 3))


def _tail(node: NodeState, view: View, layout: _Layout, caps: Caps) -> Text:
    """How sure, how long and what was before; or why there is nothing to tell."""
    said = words.headline(node, view)
    if not (said.heard and node.heard):
        text = Text.assemble((said.sentence, "dim"))
    else:
        lasted = words.duration(view.now_s - node.heard.since_s)
        text = Text(f"{words.percent(node.heard.confidence):>5}")
        text.append(f" {lasted:>7}", "dim")
        if layout.minutes:
            start_s = view.now_s - 60.0 * layout.minutes
            spans = live_spans(node, view.now_s)
            room = layout.tail - _FACTS_COLUMNS - 2
            text.append("  ").append_text(
                meters.timeline(spans, start_s, view.now_s, room, caps)
            )
    text.truncate(max(0, layout.tail), overflow="ellipsis")
    return text
