"""What networks that tag music make of a sound, and what they say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genre_train.noises import Samples


class Told(NamedTuple):
    """A row for each window of a sound, at least one."""

    embeddings: NDArray[np.float16]
    """Shape (m, d)."""
    scores: NDArray[np.float16]
    """Of its tags, shape (m, n_tags), from 0 to 1: several may hold at once."""


class Tagger(Protocol):
    """A network that has heard much music."""

    def hear(self, samples: Samples, window_s: float, hop_s: float) -> Told:
        """Hear windows of ``window_s`` seconds, one every ``hop_s``.

        Parameters
        ----------
        samples : ndarray, shape (n,), float32 in [-1, 1]
            At 16 kHz, as all taggers here want it.
        """
        ...
