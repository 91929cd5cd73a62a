"""Windows made to sound again, for listeners that take samples.

Of a window only the power in mel bands is left: the phases are found by Griffin and
Lim's algorithm, and what lay within a band is spread over it. It sounds hollow, yet a
listener that has heard much music still recognises what it was.

References
----------
D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform",
IEEE Transactions on Acoustics, Speech, and Signal Processing 32(2), 1984.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_train.bandwidth import as_decibels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

_ITERATIONS = 24
_PEAK = 0.5  # of full scale: the level of a standardised window is not known
_QUIETEST = 1e-9  # lest silence be divided by nought


def sound_again(
    patch: NDArray[np.float32], spec: FeatureSpec, sample_rate: int
) -> NDArray[np.float32]:
    """Return samples whose log-mel frames are like those of a window.

    Parameters
    ----------
    patch : ndarray, shape (n_frames, n_mels), float32
        Standardised.
    sample_rate : int
        Hertz, of what is returned.

    Returns
    -------
    ndarray, shape (n,), float32 in [-1, 1]
        The same for the same window.
    """
    import librosa  # noqa: PLC0415 - slow
    import soxr  # noqa: PLC0415

    levels = as_decibels(patch).T
    magnitudes = librosa.feature.inverse.mel_to_stft(
        librosa.db_to_power(levels - levels.max()),
        sr=spec.sample_rate,
        n_fft=spec.n_fft,
        fmin=spec.fmin,
        fmax=spec.fmax,
    )
    samples = librosa.griffinlim(
        magnitudes, n_iter=_ITERATIONS, hop_length=spec.hop_length, random_state=0
    )
    resampled = soxr.resample(samples, spec.sample_rate, sample_rate)
    peak = float(np.abs(resampled).max())
    return np.asarray(resampled * (_PEAK / max(peak, _QUIETEST)), np.float32)
