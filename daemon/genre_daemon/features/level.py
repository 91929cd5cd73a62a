"""Level of a signal in dB relative to full scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLOOR_DBFS = -120.0
"""Reported for digital silence; below the noise of any converter."""


class LevelMeter:
    """Root mean square over the last ``n_samples`` pushed, in dBFS.

    0 dBFS is the level of a full-scale square wave; a full-scale sine is at -3.01.
    """

    def __init__(self, n_samples: int) -> None:
        self._n_samples = n_samples
        self._tail = np.empty(0, np.float32)

    @property
    def dbfs(self) -> float:
        """Level, ``FLOOR_DBFS`` to about 0."""
        if not self._tail.size:
            return FLOOR_DBFS
        mean_square = float(np.mean(np.square(self._tail)))
        return max(FLOOR_DBFS, 10.0 * float(np.log10(max(mean_square, 1e-12))))

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take samples, shape (n,), float32 in [-1, 1]."""
        samples = samples[-self._n_samples :]
        excess = max(0, self._tail.size + samples.size - self._n_samples)
        self._tail = np.concatenate((self._tail[excess:], samples))

    def reset(self) -> None:
        """Forget the samples, as after a gap in the signal."""
        self._tail = np.empty(0, np.float32)
