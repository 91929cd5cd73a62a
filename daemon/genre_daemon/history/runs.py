"""Verdicts become segments on a wall clock that anybody may set.

Conventions
-----------
Times are seconds since 1970 (UTC). A verdict speaks of the audio before it: a segment
reaches from the verdict before its first to its last.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

GAP_S = 10.0
"""Seconds without a verdict after which nothing was heard in between."""
_HOP_S = 1.0
_ROUNDING_S = 0.001
_FOREVER_S = 1e11  # some 3 000 years


@dataclass(frozen=True)
class PastSegment:
    """A run of equal verdicts, with its place in time."""

    start_s: float
    end_s: float
    genre: str
    confidence: float
    """In [0, 1]: the mean confidence of the verdicts in the run."""
    model: str = ""
    """Title of the bundle that heard it."""
    node: str = ""

    @property
    def duration_s(self) -> float:
        """Seconds from start to end."""
        return self.end_s - self.start_s


class Runs:
    """A stage that joins equal verdicts.

    Parameters
    ----------
    node, model : str
        Written into every segment.
    """

    def __init__(self, node: str = "", model: str = "") -> None:
        self._node = _speakable(node)
        self._model = _speakable(model)
        self._start_s = self._end_s = 0.0
        self._genre = ""
        self._count = 0
        self._total = 0.0

    @property
    def current(self) -> PastSegment | None:
        """The segment that goes on, as far as it is known; None before the first."""
        if not self._count:
            return None
        return PastSegment(
            self._start_s,
            self._end_s,
            self._genre,
            self._total / self._count,
            self._model,
            self._node,
        )

    def push(self, time_s: float, genre: str, confidence: float) -> PastSegment | None:
        """Take a verdict; return the segment that it ends, if any.

        A verdict long after the last one, or before it because the clock was set
        back, begins a new segment. One at no time at all is left out.
        """
        if not (0 < time_s < _FOREVER_S and math.isfinite(confidence)):
            return None
        genre = _speakable(genre)
        since_s = time_s - self._end_s
        follows = bool(self._count) and 0 < since_s <= GAP_S
        if follows and genre == self._genre:
            self._end_s = time_s
            self._count += 1
            self._total += confidence
            return None
        finished = self.current
        self._start_s = self._end_s if follows else time_s - _HOP_S
        self._end_s = time_s
        self._genre = genre
        self._count = 1
        self._total = confidence
        return finished

    def reset(self) -> PastSegment | None:
        """Begin anew; return the segment that this ends, if any."""
        finished = self.current
        self._count = 0
        return finished


def with_current(
    segments: list[PastSegment], current: PastSegment | None
) -> list[PastSegment]:
    """Return segments as they were read, with the open one as it is by now.

    Parameters
    ----------
    segments : list of PastSegment, oldest first
        Of one node; the last may be what was written of the open one.
    current : PastSegment or None
        Where it does not simply follow, because the clock was set back meanwhile,
        the segments stay as they are.
    """
    if current is None:
        return segments
    start_s = current.start_s - _ROUNDING_S
    before = [s for s in segments if s.start_s < start_s]
    same = all(s.genre == current.genre for s in segments[len(before) :])
    if not same or (before and before[-1].end_s > current.start_s + _ROUNDING_S):
        return segments
    return [*before, current]


def free_pieces(
    start: int, end: int, taken: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the parts of a time span that lie in none of the others.

    Parameters
    ----------
    start, end : int
    taken : iterable of (int, int)
        Spans that do not overlap each other, in order.
    """
    pieces = []
    for begin, stop in taken:
        if start < min(begin, end):
            pieces.append((start, min(begin, end)))
        start = max(start, stop)
    if start < end:
        pieces.append((start, end))
    return pieces


def _speakable(text: str) -> str:
    """Return text that UTF-8 can express: JSON may hold halves of characters."""
    return text.encode("utf-8", "replace").decode()
