"""What is heard in the benchmarks: the demo's pieces, which the code synthesises."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.sources import styles, synth

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = synth.RATE
"""Hertz."""

PIECES = 6
"""Styles that there are."""


@functools.cache
def music() -> NDArray[np.float32]:
    """Return two minutes, shape (n,), float32 in [-1, 1], at ``RATE`` hertz."""
    return np.concatenate([styles.render(place) for place in range(PIECES)])


def second(number: int) -> NDArray[np.float32]:
    """Return one second of it."""
    start = number * RATE % (music().size - RATE)
    return music()[start : start + RATE]
