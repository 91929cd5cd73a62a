"""Summary features that a log-mel window still holds: 46 of the 57."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_train.systems.networks.parts import UNIT_DB

if TYPE_CHECKING:
    from numpy.typing import NDArray

_N_MFCC = 20
_ROLLOFF = 0.85  # share of the energy below, librosa's default


def piece_features(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute mean and variance of centroid, bandwidth, roll-off and MFCC 1 to 20.

    The first three are in mel bands instead of hertz: they describe the same thing on
    the scale that is there.

    Parameters
    ----------
    windows : ndarray, shape (n, frames, bands), standardised

    Returns
    -------
    ndarray, shape (n, 46), float32
    """
    from scipy.fft import dct  # type: ignore[import-untyped] # noqa: PLC0415 - no stubs

    magnitude = 10.0 ** (windows.astype(np.float64) * UNIT_DB / 20.0)
    weight = magnitude / magnitude.sum(axis=2, keepdims=True)
    bands = np.arange(windows.shape[2])
    centroid = (weight * bands).sum(axis=2)  # (n, frames)
    away = (bands - centroid[..., None]) ** 2
    bandwidth = np.sqrt((weight * away).sum(axis=2))
    rolloff = (np.cumsum(weight, axis=2) < _ROLLOFF).sum(axis=2).astype(float)
    cepstra = dct(windows, axis=2, norm="ortho")[..., :_N_MFCC]  # (n, frames, 20)
    tracks = np.concatenate(
        [np.stack([centroid, bandwidth, rolloff], axis=2), cepstra], axis=2
    )
    spread = np.stack([tracks.mean(axis=1), tracks.var(axis=1)], axis=2)
    return spread.reshape(len(windows), -1).astype(np.float32)
