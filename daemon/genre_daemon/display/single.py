"""One node: the genre large, how sure, how long, and everything around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from genre_daemon.display import meters, palette, words
from genre_daemon.display.health import fit, header, health
from genre_daemon.display.heard import clean
from genre_daemon.display.layout import Plan, plan, stack
from genre_daemon.messages import STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genre_daemon.display.nodes import NodeState, Span
    from genre_daemon.display.view import Caps, View

_ORDER = ("header", "headline", "facts", "bars", "timeline", "level")
_MINUTES = (1, 2, 5, 10, 15)
"""Lengths of the timeline: the shortest that holds what is known is shown."""
_COLUMNS_A_MINUTE = 7
"""At least, so that a strip is not crowded."""
_SENTENCE_ROWS = 3
_LABEL_COLUMNS = 16
_NUMBER_COLUMNS = 9


@dataclass(frozen=True)
class _Frame:
    view: View
    node: NodeState | None
    said: words.Headline
    width: int
    caps: Caps

    @property
    def probabilities(self) -> tuple[tuple[str, float], ...]:
        """Of the verdict that is shown, if one is."""
        if not (self.said.heard and self.node and self.node.heard):
            return ()
        return self.node.heard.probabilities

    @property
    def ink(self) -> Style:
        """Style of everything that speaks of the verdict."""
        if self.said.heard and self.node and self.node.heard:
            number = palette.colour(self.node.heard.genre)
        else:
            number = palette.CAUTION if self.said.trouble else palette.QUIET
        return meters.ink(number, self.caps)


def node_rows(view: View, width: int, height: int, caps: Caps) -> list[Text]:
    """Return the rows of the display of one node, at most ``height`` of them."""
    node = view.node
    frame = _Frame(view, node, words.headline(node, view), width, caps)
    facts = _facts(frame)
    labels = [label for label, _ in frame.probabilities]
    names = [words.spoken(name) for name in (*labels, *STATES)] if labels else []
    rows = plan(
        [*names, frame.said.word],
        len(labels),
        width,
        height - len(facts) + 1,
        unicode=caps.unicode,
    )
    title = node.label if node else clean(view.wanted or "genre-listen", 60)
    parts = {
        "header": [header(view, title, width)],
        "headline": _headline(frame, rows),
        "facts": facts,
        "bars": _bars(frame, rows),
        "timeline": _timeline(frame, rows),
        "level": _level(frame),
    }
    wanted = (*rows.shown, "headline", "bars")
    top = stack({name: parts[name] for name in _ORDER if name in wanted}, rows)
    bottom = [health(node, view, width)] if "health" in rows.shown else []
    return [*top, *[Text()] * (height - len(top) - len(bottom)), *bottom]


def _headline(frame: _Frame, rows: Plan) -> list[Text]:
    word = frame.said.word
    face = rows.face
    if face is None or (face.width(word) or frame.width + 1) > frame.width:
        # A row of its own, spaced out where that fits: the largest that is left.
        spaced = " ".join(word.upper())
        plain = Text(spaced if cell_len(spaced) <= frame.width else word)
        plain.stylize(Style(color=frame.ink.color, bold=True))
        plain.truncate(frame.width, overflow="ellipsis")
        return [plain, *[Text()] * (face.height - 1 if face else 0)]
    drawn = []
    for line in face.draw(word):
        row = Text(line)
        for start, character in enumerate(line):
            if character != " ":
                row.stylize(frame.ink, start, start + 1)
        drawn.append(row)
    return drawn


def _facts(frame: _Frame) -> list[Text]:
    """How sure and since when, or the sentence on why there is nothing to tell."""
    heard = frame.node.heard if frame.node else None
    if not (frame.said.heard and heard):
        lines = wrap(frame.said.sentence, max(10, frame.width))
        return [Text(line) for line in lines[:_SENTENCE_ROWS]]
    lasted = words.duration(frame.view.now_s - heard.since_s)
    since = words.clock(heard.since_s, frame.view.zone)
    sure = words.percent(heard.confidence)
    items = [
        (f"{sure} sure", sure, "bold"),
        (f"for {lasted}", f"for {lasted}", ""),
        (f"since {since}", f"since {since}", "dim"),
    ]
    return [fit(items, frame.width)]


def _bars(frame: _Frame, rows: Plan) -> list[Text]:
    """Bars in the order of the labels; the likeliest where not all have room."""
    likeliest = sorted(frame.probabilities, key=lambda item: -item[1])[: rows.bars]
    named = frame.node.heard.genre if frame.node and frame.node.heard else ""
    longest = max((cell_len(label) for label, _ in likeliest), default=0)
    columns = min(longest, _LABEL_COLUMNS, max(3, frame.width // 3))
    drawn: list[Text] = []
    for label, probability in sorted(likeliest):
        if drawn and rows.spread:
            drawn.append(Text())
        ink = meters.ink(palette.colour(label), frame.caps, dim=label != named)
        room = max(0, frame.width - columns - _NUMBER_COLUMNS + 1)
        name = set_cell_size(words.spoken(label), columns)
        strength = "bold" if label == named else ""
        row = Text.assemble((name, strength), "  ")
        row.append_text(meters.bar(probability, room, frame.caps, ink))
        row.append(f"{words.percent(probability):>6}", strength or "dim")
        drawn.append(row)
    return drawn


def _timeline(frame: _Frame, rows: Plan) -> list[Text]:
    now_s = frame.view.now_s
    spans = live_spans(frame.node, now_s) if frame.said.heard else _past(frame.node)
    minutes = window_minutes(spans, now_s, frame.width)
    times = (now_s - 60.0 * minutes, now_s)
    strip = meters.timeline(spans, *times, frame.width, frame.caps)
    if not rows.thick:
        return [strip]
    edge = meters.timeline(spans, *times, frame.width, frame.caps, names=False)
    ago = "1 minute ago" if minutes == 1 else f"{minutes} minutes ago"
    axis = Text.assemble((ago + "now".rjust(max(0, frame.width - len(ago))), "dim"))
    return [edge, strip, edge.copy(), axis]


def window_minutes(spans: Sequence[Span], now_s: float, width: int) -> int:
    """Return how many minutes a strip of some columns should show."""
    known_s = now_s - min((span.start_s for span in spans), default=now_s)
    for minutes in _MINUTES:
        if 60.0 * minutes >= known_s or _COLUMNS_A_MINUTE * minutes >= width:
            return minutes
    return _MINUTES[-1]


def _past(node: NodeState | None) -> tuple[Span, ...]:
    return node.spans if node else ()


def live_spans(node: NodeState | None, now_s: float) -> tuple[Span, ...]:
    """Return a node's spans, the last drawn on to now: its verdict still stands."""
    spans = _past(node)
    return (*spans[:-1], replace(spans[-1], end_s=now_s)) if spans else ()


def _level(frame: _Frame) -> list[Text]:
    figures = frame.node.telemetry if frame.node and frame.said.heard else None
    dbfs = figures.level_dbfs if figures else None
    if dbfs is None:
        return []
    label = "level  "
    number = f"{dbfs:>5.0f} dBFS".replace("-", "\N{MINUS SIGN}")
    row = Text.assemble((label, "dim"))
    room = max(0, frame.width - len(label) - len(number))
    return [row.append_text(meters.level(dbfs, room, frame.caps)).append(number)]
