"""Figures of a smoother over playlists, each with a 95 % interval.

Intervals come from drawing recordings, not seconds: what is heard of one recording
stands or falls together.

References
----------
B. Efron and R. J. Tibshirani, "An introduction to the bootstrap", 1993, chapter 8
(percentile intervals; resampling whole clusters).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.messages import NO_MUSIC
from genre_train.streaming.playlists import EITHER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from genre_train.streaming.score import SpanScore

_DRAWS = 1_000
_SEED = 440


@dataclass(frozen=True)
class Figure:
    """A number and its 95 % interval; seconds may be infinite, as never."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float | None]:
        """Return value, low and high; null stands for never."""
        return {
            name: round(number, 4) if np.isfinite(number) else None
            for name, number in vars(self).items()
        }


@dataclass(frozen=True)
class Streaming:
    """Figures of one smoother."""

    smoother: str
    accuracy: Figure
    """Time-weighted."""
    wrong_switches: Figure
    """An hour."""
    median_s: Figure
    """Seconds to the right genre, held."""
    p90_s: Figure
    touched_s: float
    """Median seconds to the right genre, however briefly."""
    never: Figure
    """Share of the songs whose genre was never found."""
    coverage: Figure
    """Share of the music with a verdict other than ``unknown``."""
    risk: Figure
    """Share of the named seconds that are wrong."""


def figures(smoother: str, scores: Sequence[Sequence[SpanScore]]) -> Streaming:
    """Sum up the scores of playlists."""
    spans = [one for playlist in scores for one in playlist]
    followers = {id(one) for one in songs_after_another(scores)}
    table = _Table(spans, [id(one) in followers for one in spans])
    return Streaming(
        smoother,
        accuracy=table.figure(_Table.accuracy),
        wrong_switches=table.figure(_Table.wrong_switches),
        median_s=table.figure(_Table.median_s),
        p90_s=table.figure(_Table.p90_s),
        touched_s=table.touched_s(),
        never=table.figure(_Table.never),
        coverage=table.figure(_Table.coverage),
        risk=table.figure(_Table.risk),
    )


def songs_after_another(scores: Sequence[Sequence[SpanScore]]) -> list[SpanScore]:
    """Return the songs whose beginning is a change: the first one follows nothing."""
    return [one for playlist in scores for one in playlist[1:] if _is_music(one)]


def _is_music(span: SpanScore) -> bool:
    return span.label not in (NO_MUSIC, EITHER)


class _Table:
    """Scores of spans as columns; a statistic takes a weight for each span."""

    def __init__(self, spans: Sequence[SpanScore], change: Sequence[bool]) -> None:
        def column(name: str) -> NDArray[np.float64]:
            return np.array([getattr(one, name) for one in spans], np.float64)

        _, self._owner = np.unique([one.name for one in spans], return_inverse=True)
        self._music = np.array([_is_music(one) for one in spans])
        self._change = np.array(change)
        self._seconds, self._right_s = column("seconds"), column("right_s")
        self._named_s, self._wrong = column("named_s"), column("wrong_switches")
        self._found_s, self._touched_s = column("found_s"), column("touched_s")

    def figure(
        self, statistic: Callable[[_Table, NDArray[np.float64]], float]
    ) -> Figure:
        """Return a statistic with its interval over recordings."""
        rng = np.random.default_rng(_SEED)
        n = int(self._owner.max()) + 1
        drawn = []
        for _ in range(_DRAWS):
            weights = np.bincount(rng.integers(n, size=n), minlength=n)[self._owner]
            if (weights * self._seconds * self._music).any():
                drawn.append(statistic(self, weights.astype(np.float64)))
        # Whole ranks, for half way to never is no number.
        low, high = np.quantile(drawn, (0.025, 0.975), method="inverted_cdf")
        whole = np.ones(len(self._owner))
        return Figure(statistic(self, whole), float(low), float(high))

    def accuracy(self, weights: NDArray[np.float64]) -> float:
        return float((weights @ self._right_s) / (weights @ self._seconds))

    def wrong_switches(self, weights: NDArray[np.float64]) -> float:
        return float(3600 * (weights @ self._wrong) / (weights @ self._seconds))

    def median_s(self, weights: NDArray[np.float64]) -> float:
        return self._quantile(self._found_s, weights, 0.5)

    def p90_s(self, weights: NDArray[np.float64]) -> float:
        return self._quantile(self._found_s, weights, 0.9)

    def touched_s(self) -> float:
        return self._quantile(self._touched_s, np.ones(len(self._owner)), 0.5)

    def never(self, weights: NDArray[np.float64]) -> float:
        songs = weights * self._change
        return float((songs @ np.isinf(self._found_s)) / max(songs.sum(), 1.0))

    def coverage(self, weights: NDArray[np.float64]) -> float:
        music = weights * self._music
        return float((music @ self._named_s) / (music @ self._seconds))

    def risk(self, weights: NDArray[np.float64]) -> float:
        music = weights * self._music
        named_s = float(music @ self._named_s)
        return 1.0 - float(music @ self._right_s) / named_s if named_s else 0.0

    def _quantile(
        self, values: NDArray[np.float64], weights: NDArray[np.float64], q: float
    ) -> float:
        songs = weights * self._change
        order = np.argsort(values)
        reached = np.cumsum(songs[order])
        if not reached[-1]:
            return float("inf")
        return float(values[order][np.searchsorted(reached, q * reached[-1])])
