"""Which patches the converter sees when it measures the ranges of activations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_train.dataset import DataSet

_RARE = 1e-5
"""Share of values at either end that may be cut off: one click in a silent patch
would else double the steps in which all the others are told apart."""


def representative(data: DataSet, *, per_genre: int, seed: int) -> NDArray[np.float32]:
    """Draw the same number of training patches of every genre.

    Held-out patches are never used: the ranges are part of the model.

    Parameters
    ----------
    per_genre : int > 0
        A genre with fewer windows gives all that it has.

    Returns
    -------
    ndarray, shape (n, patch_frames, n_mels), float32
        Each as the daemon hears it, looped to a whole patch and standardised, but
        for the rarest values.
    """
    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(np.flatnonzero(data.train.genre == genre))[:per_genre]
        for genre in range(len(data.labels))
    ]
    windows = data.train.take(np.concatenate(chosen))
    patches = windows.looped(data.spec.patch_frames, data.spec.top_db).patches
    low, high = np.quantile(patches, (_RARE, 1 - _RARE))
    return np.clip(patches, np.float32(low), np.float32(high))
