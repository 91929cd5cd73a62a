"""Times of things done in turn, and what may be said of them.

On a shared machine the same work takes twice as long a minute later. So what is
compared is done in turn (A B A B ...), processor time is counted instead of the
clock's, and what is told is a ratio of medians with an interval.

References
----------
B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", 1993 (percentile
intervals).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # publishes no types

from genre_daemon.inference.bundle import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

_WARM_UP = 5
_RESAMPLES = 2_000
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Settings:
    """How long to measure, and with what."""

    data: Path | None = None
    """Folder that holds ``yamnet/yamnet.tflite``."""
    bundle: Path = SHIPPED
    """The model that is measured."""
    run: Path = _ROOT / "train" / "runs" / "gtzan-compact"
    """Run folder with the Keras network."""
    other_runtime: Path = _ROOT / ".venv-tflite" / "bin" / "python"
    """Python of an environment that has tflite-runtime."""
    repeats: int = 60
    """Of what takes milliseconds."""
    runs: int = 3
    """Of whole programs."""
    recording_s: float = 3_600.0
    """Length of the recording that is classified."""
    steady_s: float = 30.0
    """Seconds for which a running daemon is watched."""


@dataclass(frozen=True)
class Figure:
    """A median or a ratio of medians, with its 95 % interval over the repeats."""

    value: float
    low: float
    high: float
    n: int
    """Repeats."""


def in_turn(
    *work: Callable[[], object],
    repeats: int,
    warm_up: int = _WARM_UP,
    clock: Callable[[], float] = time.process_time,
) -> NDArray[np.float64]:
    """Do each piece of work in turn, and again.

    Matrix products run on one thread: waiting for others counts as work, too.

    Parameters
    ----------
    work : callable
    repeats : int > 0
        Times that count.
    warm_up : int >= 0
        Times that go before them.
    clock : callable
        Gives seconds; by default those that this process has computed.

    Returns
    -------
    ndarray, shape (len(work), repeats), seconds
    """
    times = np.empty((len(work), repeats))
    with threadpool_limits(1):
        for repeat in range(-warm_up, repeats):
            for one, function in enumerate(work):
                begin = clock()
                function()
                if repeat >= 0:
                    times[one, repeat] = clock() - begin
    return times


def median(values: ArrayLike) -> Figure:
    """Return the median of repeated measurements, shape (n,)."""
    kept = np.asarray(values, np.float64)
    return _figure(np.median(kept), np.median(_resampled(kept), axis=1), kept.size)


def ratio(ours: ArrayLike, theirs: ArrayLike) -> Figure:
    """Return the ratio of the medians of measurements made in turn, shape (n,) each.

    Neighbours in time are resampled together: what slowed one slowed the other.
    """
    pair = np.stack([np.asarray(ours, np.float64), np.asarray(theirs, np.float64)])
    top, bottom = np.median(pair, axis=1)
    many = np.median(_resampled(pair), axis=-1)
    return _figure(top / bottom, many[0] / many[1], pair.shape[1])


def _resampled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw repeats with replacement, shape (..., n) to (..., resamples, n)."""
    n = values.shape[-1]
    return values[..., np.random.default_rng(0).integers(n, size=(_RESAMPLES, n))]


def _figure(value: float, many: NDArray[np.float64], n: int) -> Figure:
    low, high = np.quantile(many, [0.025, 0.975])
    return Figure(float(value), float(low), float(high), n)
