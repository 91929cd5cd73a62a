"""Which chunks the converter sees when it measures the ranges of activations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_train.augment import standardise_batch
from genre_train.background import load_background
from genre_train.bandwidth import clip

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.dataset import DataSet

_RARE = 1e-5
"""Share of values at either end that may be cut off: one click in a silent chunk
would else double the steps in which all the others are told apart."""


def representative(
    data: DataSet, others: NDArray[np.float32], *, per_genre: int, seed: int
) -> NDArray[np.float32]:
    """Draw the same number of training chunks of every genre, and add the others.

    Held-out ones are never used: the ranges are part of the model.

    Parameters
    ----------
    others : ndarray, shape (n, chunk_frames, n_mels), float32
        Chunks of other sounds that the network was trained with.
    per_genre : int > 0
        A genre with fewer windows gives all that it has.

    Returns
    -------
    ndarray, shape (n, chunk_frames, n_mels), float32
        Each as the daemon hears it, but for the rarest values.
    """
    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(np.flatnonzero(data.train.genre == genre))[:per_genre]
        for genre in range(len(data.labels))
    ]
    windows = data.train.take(np.concatenate(chosen))
    # One of each window: a patch's other chunks are much like it.
    chunks = np.concatenate([windows.chunks(data.spec)[:, 0], others])
    low, high = np.quantile(chunks, (_RARE, 1 - _RARE))
    return np.asarray(np.clip(chunks, low, high), np.float32)


def other_chunks(
    folder: Path | None, data: DataSet, *, n: int, seed: int
) -> NDArray[np.float32]:
    """Draw chunks of the background that a run was trained with.

    Parameters
    ----------
    folder : Path or None
        Data folder of the background; None where there was none.
    data : DataSet
        What was trained on beside it: its features and labels.
    n : int
        Chunks of no music, and as many of music without a genre.

    Returns
    -------
    ndarray, shape (2 * n or 0, chunk_frames, n_mels), float32
        Standardised.

    Raises
    ------
    ConfigError
        If recordings are missing.
    """
    spec = data.spec
    if folder is None:
        return np.empty((0, spec.chunk_frames, spec.n_mels), np.float32)
    rng = np.random.default_rng(seed)
    background = load_background(folder, data)
    no_music = background.draw_no_music(rng, n)
    music, _ = background.draw_music(rng, n)
    drawn = np.concatenate([no_music, music])
    return standardise_batch(clip(drawn, spec.top_db))
