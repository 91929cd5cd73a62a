"""Streaming log-mel spectrogram: samples in, one frame per hop out.

The frames equal those of ``librosa.feature.melspectrogram(center=False)`` followed
by ``10 * log10(max(S, amin))``; they do not depend on how the samples were cut into
pushes, to the last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from genre_daemon.features.mel import MelFilterBank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

_BLOCK = 16
"""Frames at a time. Arrays for a whole second are so large that malloc takes them from
the kernel, and gives them back, every time: recordings then take 1.6 times as long."""


def hann(n: int) -> NDArray[np.float32]:
    """Return the periodic Hann window, shape (n,), as a DFT wants it."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n), np.float32)


class LogMel:
    """Log-mel frames of a mono signal, computing only what is new.

    Parameters
    ----------
    spec : FeatureSpec
        Window, hop and bands.
    """

    def __init__(self, spec: FeatureSpec) -> None:
        self._spec = spec
        self._window = hann(spec.n_fft)
        self._bank = MelFilterBank(spec)
        self._carry = np.empty(0, np.float32)

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take samples and return the frames they complete.

        Parameters
        ----------
        samples : ndarray, shape (n,), float32 in [-1, 1]
            Mono, at ``spec.sample_rate``.

        Returns
        -------
        ndarray, shape (n_frames, n_mels), float32, decibels
            Oldest first; none if no frame was completed.
        """
        spec = self._spec
        signal = np.concatenate((self._carry, samples))
        count = max(0, (signal.size - spec.n_fft) // spec.hop_length + 1)
        # A copy, so that a short tail does not keep a long signal alive.
        self._carry = signal[count * spec.hop_length :].copy()
        if not count:
            return np.empty((0, spec.n_mels), np.float32)
        mel = np.empty((count, spec.n_mels), np.float32)
        windows = sliding_window_view(signal, spec.n_fft)[:: spec.hop_length]
        for start in range(0, count, _BLOCK):
            block = slice(start, start + _BLOCK)
            spectrum = np.fft.rfft(windows[block] * self._window, axis=1)
            power = np.square(spectrum.real) + np.square(spectrum.imag)
            mel[block] = self._bank.push(power.astype(np.float32, copy=False))
        return np.float32(10.0) * np.log10(np.maximum(mel, np.float32(spec.amin)))

    def reset(self) -> None:
        """Forget the samples held back, as after a gap in the signal."""
        self._carry = np.empty(0, np.float32)
