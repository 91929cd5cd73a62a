"""The lines about the machinery: header and health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from genre_daemon.display import palette, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genre_daemon.display.nodes import NodeState
    from genre_daemon.display.view import View

_GOOD = palette.style(palette.GOOD)
_CAUTION = f"bold {palette.style(palette.CAUTION)}"
_BAD = f"bold {palette.style(palette.BAD)}"
_AHEAD_S, _BEHIND_S, _ODD_S = -1.0, 10.0, 86_400.0

Item = tuple[str, str, str]
"""A long text, a short one, and their style."""


def mark(node: NodeState | None, view: View) -> Text:
    """Return a dot that is green where all is well and red where it is not."""
    said = words.headline(node, view)
    if said.trouble:
        return Text.assemble(("✗", _BAD))
    return Text.assemble(("●", _GOOD) if said.heard else ("○", "dim"))


def header(view: View, title: str, width: int) -> Text:
    """Return the first row: whose display this is, and the time."""
    right = Text()
    if view.paused:
        right.append(" paused ", "reverse")
        right.append("  ")
    if len(view.nodes) > 1 and not view.everyone and view.node is not None:
        place = view.nodes.index(view.node) + 1
        right.append(f"{place} of {len(view.nodes)}  ", "dim")
    right.append(words.clock(view.now_s, view.zone), "dim")
    dot = Text() if view.everyone else mark(view.node, view).append(" ")
    left = dot.append(title, "bold")
    left.truncate(max(0, width - right.cell_len - 1), overflow="ellipsis")
    gap = max(1, width - left.cell_len - right.cell_len)
    return left + Text(" " * gap) + right


def health(node: NodeState | None, view: View, width: int) -> Text:
    """Return the row on broker, microphone, model, delay and lost hops."""
    items = [_broker(view)]
    if node is not None and node.online is not False and view.broker.connected:
        items += _about_node(node)
    return fit(items, width)


def fit(items: Sequence[Item], width: int) -> Text:
    """Return as much as fits, shortened from the first on, then cut from the last."""
    for count in range(len(items), 0, -1):
        for short in range(count + 1):
            some = enumerate(items[:count])
            chosen = [(item[index < short], item[2]) for index, item in some]
            if sum(cell_len(text) + 3 for text, _ in chosen) - 3 <= width:
                parts = [Text.assemble(part) for part in chosen]
                return Text.assemble((" · ", "dim")).join(parts)
    text = Text.assemble((items[0][1], items[0][2]))
    text.truncate(width, overflow="ellipsis")
    return text


def _broker(view: View) -> Item:
    broker = view.broker
    if broker.connected:
        return (f"✓ broker {broker.address}", "✓ broker", _GOOD)
    if broker.connected is None:
        return (f"○ broker {broker.address}", "○ broker", "dim")
    return (f"✗ broker {broker.address} is away", "✗ broker away", _BAD)


def _about_node(node: NodeState) -> list[Item]:
    items: list[Item] = []
    if node.problem:
        items.append((f"✗ microphone: {node.problem}", "✗ mic", _BAD))
    elif node.problem is not None:
        items.append(("✓ microphone", "✓ mic", _GOOD))
    figures = node.telemetry
    if figures and figures.dropped_hops:
        lost = figures.dropped_hops
        items.append((f"{lost} hops dropped", f"{lost} dropped", _CAUTION))
    if node.heard and node.heard.model:
        items.append((f"model {node.heard.model}", node.heard.model, "dim"))
    if node.heard and node.heard.delay_s is not None:
        items.append(_delay(node.heard.delay_s))
    if figures and figures.dropped_hops == 0:
        items.append(("no hops dropped", "0 dropped", "dim"))
    if figures and figures.inference_ms is not None:
        taken = f"{figures.inference_ms:.1f} ms"
        items.append((f"{taken} inference", taken, "dim"))
    if figures and figures.uptime_s is not None:
        up = f"up {words.duration(figures.uptime_s)}"
        items.append((up, up, "dim"))
    return items


def _delay(delay_s: float) -> Item:
    if abs(delay_s) >= _ODD_S:
        return ("its clock is wrong", "clock!", _CAUTION)
    if delay_s < _AHEAD_S:
        return (f"its clock is {-delay_s:.0f} s ahead", f"{delay_s:.0f} s", _CAUTION)
    if delay_s > _BEHIND_S:
        return (f"{delay_s:.0f} s behind, or its clock is", "late", _CAUTION)
    text = f"{max(0.0, delay_s):.1f} s delay"
    return (text, text, "dim")
