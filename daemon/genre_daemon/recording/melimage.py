"""The mel spectrogram of a recording of any length, as columns and as colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.features.logmel import LogMel
from genre_daemon.features.resample import Resampler, downmix
from genre_daemon.sources.audiofile import open_audio

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

# Every eighth of magma (N. J. Smith and S. van der Walt): even steps to the eye.
_MAGMA = np.array(
    [
        (0, 0, 4),
        (29, 17, 71),
        (81, 18, 124),
        (131, 38, 129),
        (183, 55, 121),
        (231, 82, 99),
        (252, 137, 97),
        (254, 196, 136),
        (252, 253, 191),
    ]
)


def mel_columns(
    path: Path, spec: FeatureSpec, most: int, duration_s: float
) -> NDArray[np.float32]:
    """Return the log-mel frames of a recording, averaged to a bounded number.

    A recording of hours takes no more memory than one of seconds.

    Parameters
    ----------
    path : Path
    spec : FeatureSpec
    most : int > 0
        Columns at most.
    duration_s : float
        Length of the recording.

    Returns
    -------
    ndarray, shape (n_columns, n_mels), float32, decibels
    """
    samples = round(duration_s * spec.sample_rate)
    n_frames = max(1, (samples - spec.n_fft) // spec.hop_length + 1)
    n_columns = min(most, n_frames)
    total = np.zeros((n_columns, spec.n_mels))
    count = np.zeros(n_columns)
    logmel, seen = LogMel(spec), 0
    with open_audio(path) as (rate, blocks):
        resampler = Resampler(rate, spec.sample_rate)
        for block in blocks:
            frames = logmel.push(resampler.push(downmix(block)))
            place = (seen + np.arange(len(frames))) * n_columns // n_frames
            seen += len(frames)
            place = np.minimum(place, n_columns - 1)
            np.add.at(total, place, frames)
            np.add.at(count, place, 1)
    heard = count > 0
    return np.asarray(total[heard] / count[heard, None], np.float32)


def heat(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the colours of values in [0, 1], with three channels added at the end."""
    stops = np.linspace(0, 1, len(_MAGMA))
    channels = [np.interp(values, stops, _MAGMA[:, i]) for i in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)
