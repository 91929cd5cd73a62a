"""Recordings as samples, for what has to be done to sound before it becomes frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.logmel import LogMel
from genre_daemon.features.resample import Resampler, downmix
from genre_daemon.sources.audiofile import open_audio
from genre_train.collection import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec


def read_samples(
    path: Path, sample_rate: int, *, speed: float = 1.0
) -> NDArray[np.float32]:
    """Decode a recording as the daemon would, to mono at ``sample_rate``.

    Parameters
    ----------
    speed : float > 0
        Played so many times as fast: pitch and band width rise with it.

    Returns
    -------
    ndarray, shape (n,), float32 in [-1, 1]

    Raises
    ------
    AudioError
        If it cannot be decoded.
    """
    with open_audio(path) as (rate, blocks):
        resampler = Resampler(round(rate * speed), sample_rate)
        pieces = [resampler.push(downmix(block)) for block in blocks]
    pieces.append(resampler.push(np.empty(0, np.float32), last=True))
    return np.concatenate(pieces)


def recordings_of(clips: Path, tracks: Mapping[str, int], source: Path) -> list[Path]:
    """Return the audio files in a folder, at any depth, that are named after tracks.

    Parameters
    ----------
    source : Path
        Where the tracks are from, for the sentence if there are none.

    Raises
    ------
    ConfigError
        If there are none.
    """
    files = sorted(
        path
        for path in clips.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.stem in tracks
    )
    if not files:
        raise ConfigError(
            f"no audio file in {clips} is named after a track of {source}, as "
            f"{next(iter(tracks))}.flac"
        )
    return files


def frames_of(samples: NDArray[np.float32], spec: FeatureSpec) -> NDArray[np.float32]:
    """Return the daemon's log-mel frames, shape (n, n_mels), decibels."""
    return LogMel(spec).push(samples)
