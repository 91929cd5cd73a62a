"""What musicnn hears of recordings, moment by moment.

A moment is as long as a step of the network at its end. Of each channel of musicnn's
feature map, its mean over the moment is kept and its maximum.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from genre_train.musicnn import FRAMES_S, N_CHANNELS, SAMPLE_RATE, Musicnn
from genre_train.nomusic import samples_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.nomusic import Source

MOMENT_FRAMES = 16
"""Log-mel frames in a moment."""

N_TARGETS = 2 * N_CHANNELS
"""Means, then maxima."""


def moments_of(source: Source, spec: FeatureSpec) -> NDArray[np.float16]:
    """Have musicnn hear a recording.

    Returns
    -------
    ndarray, shape (n, ``N_TARGETS``), float16
        Row ``k`` is of the log-mel frames from ``16 k`` on.

    Raises
    ------
    ConfigError
        If musicnn is not installed.
    AudioError
        If the recording cannot be decoded.
    """
    samples = samples_of(source, SAMPLE_RATE)
    return pool_moments(_musicnn().feature_map(samples), spec)


def warm_up(jobs: int) -> None:
    """Complain before the work begins if musicnn is missing, and compile what it needs.

    Numba then compiles its part of librosa in one process: see make_embeddings.

    Raises
    ------
    ConfigError
        If it is not installed.
    """
    musicnn = _musicnn()
    if jobs > 1:
        musicnn.feature_map(np.zeros(SAMPLE_RATE, np.float32))


def pool_moments(
    feature_map: NDArray[np.float32], spec: FeatureSpec
) -> NDArray[np.float16]:
    """Pool a feature map over moments, shape (n_frames, n_channels).

    A frame of the map counts for the moment in whose log-mel frames it is centred; the
    last moment, of which a part may be missing, is left out.

    Returns
    -------
    ndarray, shape (n, 2 * n_channels), float16
        Means, then maxima.
    """
    centre = spec.n_fft / 2 - spec.hop_length / 2  # of what the first frame stands for
    samples = np.arange(len(feature_map)) / FRAMES_S * spec.sample_rate - centre
    moment = np.floor(samples / (MOMENT_FRAMES * spec.hop_length)).astype(int)
    first = np.searchsorted(moment, np.arange(max(moment[-1], 0) + 1))
    heard, places = feature_map[first[0] : first[-1]], first[:-1] - first[0]
    means = np.add.reduceat(heard, places) / np.diff(first)[:, None]
    return np.hstack([means, np.maximum.reduceat(heard, places)]).astype(np.float16)


@functools.lru_cache(maxsize=1)  # once a process
def _musicnn() -> Musicnn:
    return Musicnn()
