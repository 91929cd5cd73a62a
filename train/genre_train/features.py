"""Audio files to log-mel frames with the daemon's own stages, and to windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import AudioError
from genre_daemon.features.logmel import LogMel
from genre_daemon.features.patches import fill_patch, standardise
from genre_daemon.features.resample import Resampler, downmix
from genre_daemon.sources.audiofile import open_audio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec


def stream_frames(path: Path, spec: FeatureSpec) -> Iterator[NDArray[np.float32]]:
    """Decode a file and yield its frames, about a second's at a time.

    Yields
    ------
    ndarray, shape (n, n_mels), float32, decibels
        At least one frame over all pieces.

    Raises
    ------
    AudioError
        If the file cannot be decoded or is shorter than one frame.
    """
    logmel, count = LogMel(spec), 0
    with open_audio(path) as (rate, blocks):
        resampler = Resampler(rate, spec.sample_rate)
        for block in blocks:
            frames = logmel.push(resampler.push(downmix(block)))
            count += len(frames)
            yield frames
    tail = logmel.push(resampler.push(np.empty(0, np.float32), last=True))
    if not count + len(tail):
        raise AudioError(
            f"{path} is shorter than one frame "
            f"({1e3 * spec.n_fft / spec.sample_rate:.0f} ms)"
        )
    yield tail


def compute_frames(path: Path, spec: FeatureSpec) -> NDArray[np.float32]:
    """Decode a file and return its frames, shape (n, n_mels), float32, decibels.

    Raises
    ------
    AudioError
        If the file cannot be decoded or is shorter than one frame.
    """
    return np.concatenate(list(stream_frames(path, spec)))


def cut_windows(
    frames: NDArray[np.float32], spec: FeatureSpec, most: int | None = None
) -> NDArray[np.float32]:
    """Cut frames into half-overlapping patches; loop what is shorter than one.

    Parameters
    ----------
    frames : ndarray, shape (n_frames, n_mels), float32, decibels
        May be mapped from a file: only what is cut is read.
    most : int, optional
        At most so many patches, spread evenly from the beginning to the end.

    Returns
    -------
    ndarray, shape (n, patch_frames, n_mels), float32
        Each standardised, as the daemon does.
    """
    length = spec.patch_frames
    if len(frames) < length:
        frames = fill_patch(frames, length)
    starts = np.arange(0, len(frames) - length + 1, length // 2)
    if most is not None and len(starts) > most:
        starts = starts[np.linspace(0, len(starts) - 1, most).round().astype(int)]
    return np.stack(
        [standardise(frames[start : start + length], spec.top_db) for start in starts]
    )
