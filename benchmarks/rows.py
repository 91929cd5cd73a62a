"""Rows of the table: what was measured, against what, and whether it is enough.

A family of rows is a function that takes :class:`~benchmarks.measure.Settings` and
yields rows as they are ready; ``bench.FAMILIES`` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.measure import Figure


@dataclass(frozen=True)
class Target:
    """A limit that a figure is to keep to."""

    limit: float
    text: str
    """As it was agreed, such as ``at most 1/40``."""
    at_least: bool = False
    """Whether larger figures are better."""

    def verdict(self, figure: Figure) -> str:
        """Say whether it is reached by the whole interval, by none of it, or unsure."""
        ends = [
            end >= self.limit if self.at_least else end <= self.limit
            for end in (figure.low, figure.high)
        ]
        return "yes" if all(ends) else "unsure" if any(ends) else "no"


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    measured: str
    against: str
    figure: Figure | None
    """None where it could not be measured; the note then says why."""
    target: Target | None = None
    unit: str = ""
    """Empty for a ratio."""
    note: str = ""

    @property
    def reached(self) -> str:
        """``yes``, ``no``, ``unsure``, ``skipped``, or nothing without a target."""
        if self.figure is None:
            return "skipped"
        return "" if self.target is None else self.target.verdict(self.figure)

    def cells(self) -> tuple[str, ...]:
        """Return what to print, see ``HEAD``."""
        figure, interval, n = "", "", ""
        if self.figure is not None:
            figure = f"{_short(self.figure.value)} {self.unit}".rstrip()
            interval = f"{_short(self.figure.low)} to {_short(self.figure.high)}"
            n = str(self.figure.n)
        target = self.target.text if self.target else ""
        against = "; ".join(filter(None, (self.against, self.note)))
        return self.measured, against, figure, interval, n, target, self.reached


HEAD = ("measured", "against", "figure", "95 %", "n", "target", "reached")
"""Of the columns that ``Row.cells`` fills."""

_MANY = 100.0


def _short(value: float) -> str:
    """Write three digits, and no exponent."""
    return f"{value:.0f}" if value >= _MANY else f"{value:.3g}"


def at_most(limit: float, text: str) -> Target:
    """Return a target for what should be small."""
    return Target(limit, f"at most {text}")


def at_least(limit: float, text: str) -> Target:
    """Return a target for what should be large."""
    return Target(limit, f"at least {text}", at_least=True)
