"""How many rows everything gets: pure arithmetic on the size of the terminal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.text import Text

from genre_daemon.display import bigtext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORTH = ("facts", "health", "header", "timeline", "level")
"""Rows in the order in which they are given room."""
_FEW_BARS = 3
_AIR = ("headline", "bars", "timeline", "facts", "level")
"""Parts before which an empty row does good, most of all before the first."""
_SOME_AIR = 2
_EXTRA_TIMELINE = 3


@dataclass(frozen=True)
class Plan:
    """The rows of every part of the display of one node."""

    shown: tuple[str, ...]
    """The one-row parts that are there at all."""
    face: bigtext.Face | None = None
    """Of the headline; None for a plain row."""
    bars: int = 0
    spread: bool = False
    """Whether an empty row stands between bars."""
    thick: bool = False
    """Whether the timeline is three rows high and has an axis."""
    air: tuple[str, ...] = ()
    """Parts before which there are empty rows."""
    gap: int = 1
    """How many of them."""


def plan(
    names: Sequence[str], n_bars: int, width: int, height: int, *, unicode: bool
) -> Plan:
    """Share the rows of a terminal out.

    Parameters
    ----------
    names : sequence of str
        What the headline may say without the letters changing their size.
    n_bars : int
        Bars there are to show.
    width, height : int
        Columns and rows.
    unicode : bool
        Whether letters can be made of half blocks.
    """
    shown = _WORTH[: max(0, height - 1)]
    left = height - 1 - len(shown)
    few = min(_FEW_BARS, n_bars)
    tallest = 1 + max(left - n_bars - _SOME_AIR, min(left - few, _FEW_BARS - 1))
    face = bigtext.choose(names, width, tallest, unicode=unicode)
    left -= face.height - 1 if face else 0
    made = Plan(shown, face, bars=max(0, min(n_bars, left)))
    left -= made.bars
    made = replace(made, air=_AIR[: max(0, left)])
    left -= len(made.air)
    if left >= _EXTRA_TIMELINE:
        made, left = replace(made, thick=True), left - _EXTRA_TIMELINE
    if left >= n_bars > 1:
        made, left = replace(made, spread=True), left - n_bars + 1
    if left >= len(_AIR):
        made = replace(made, gap=2)
    return made


def stack(parts: Mapping[str, Sequence[Text]], made: Plan) -> list[Text]:
    """Return the rows of all parts, in their order, with the plan's empty rows."""
    rows: list[Text] = []
    for name, part in parts.items():
        if part and rows and name in made.air:
            rows += [Text()] * made.gap
        rows += part
    return rows
