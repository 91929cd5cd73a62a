"""Any rate and channel count to the mono signal that the features want."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import soxr

if TYPE_CHECKING:
    from numpy.typing import NDArray


def downmix(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average the channels of a block, shape (n,) or (n, channels), to shape (n,)."""
    if block.ndim == 1:
        return block
    if block.shape[1] == 1:
        return block[:, 0]
    # Column by column: numpy's mean over so short an axis is ten times slower.
    return np.asarray(reduce(np.add, block.T) / np.float32(block.shape[1]))


class Resampler:
    """Stateful sample-rate conversion: pushes join without a seam.

    Parameters
    ----------
    rate_in, rate_out : int > 0
        Hertz. Equal rates pass samples through untouched.
    """

    def __init__(self, rate_in: int, rate_out: int) -> None:
        self._stream = (
            None
            if rate_in == rate_out
            else soxr.ResampleStream(rate_in, rate_out, 1, dtype="float32")
        )

    def push(
        self, samples: NDArray[np.float32], *, last: bool = False
    ) -> NDArray[np.float32]:
        """Convert samples, shape (n,); ``last`` also returns what was held back."""
        if self._stream is None:
            return samples
        converted: NDArray[np.float32] = self._stream.resample_chunk(samples, last=last)
        return converted

    def reset(self) -> None:
        """Forget the samples held back, as after a gap in the signal."""
        if self._stream is not None:
            self._stream.clear()
