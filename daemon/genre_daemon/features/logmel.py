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
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

_BLOCK = 24
"""Frames at a time: half a second. Arrays for a whole second are so large that malloc
takes them from the kernel, and gives them back, every time."""

_LANES = 4
"""Rows that NumPy (from 2.5) transforms at once. On Arm, what is left over is rounded
otherwise, so nothing ever is: a block is a multiple of it, and less is filled up."""

_DECIBELS = np.float32(10.0 / np.log(10.0))
"""Of a natural logarithm, which NumPy takes in a third of the time of a decadic one."""


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
        # Without "forward", which divides by n_fft, NumPy computes in double precision
        # whatever it is given, in one and a half times the time.
        self._window = hann(spec.n_fft) * np.float32(spec.n_fft)
        self._bank = MelFilterBank(spec)
        # Each block of samples is laid down here, so that the view of its windows,
        # which takes numpy as long as two FFTs, is made only once.
        size = spec.n_fft + (_BLOCK - 1) * spec.hop_length
        self._signal = np.zeros(size, np.float32)
        windows = sliding_window_view(self._signal, spec.n_fft)
        self._windows = windows[:: spec.hop_length]
        self._held = 0

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
        blocks = [self._mel(count) for count in self._blocks(samples)]
        if not blocks:
            return np.empty((0, self._spec.n_mels), np.float32)
        mel = np.concatenate(blocks)
        return _DECIBELS * np.log(np.maximum(mel, np.float32(self._spec.amin)))

    def reset(self) -> None:
        """Forget the samples held back, as after a gap in the signal."""
        self._held = 0

    def _blocks(self, samples: NDArray[np.float32]) -> Iterator[int]:
        """Lay down samples and yield how many windows are full, block by block."""
        n_fft, hop_length = self._spec.n_fft, self._spec.hop_length
        while samples.size:
            taken = samples[: self._signal.size - self._held]
            samples = samples[taken.size :]
            self._signal[self._held : self._held + taken.size] = taken
            self._held += taken.size
            count = (self._held - n_fft) // hop_length + 1
            if count > 0:
                yield count
                # What later windows need, too, moves to the front.
                kept = self._signal[count * hop_length : self._held]
                self._signal[: kept.size] = kept
                self._held = kept.size

    def _mel(self, count: int) -> NDArray[np.float32]:
        """Return the mel spectra of the first windows, shape (count, n_mels)."""
        full = -(-count // _LANES) * _LANES
        windowed = self._windows[:full] * self._window
        spectrum = np.fft.rfft(windowed, axis=1, norm="forward")[:count]
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        # NumPy 1 always computes in double precision.
        return self._bank.push(power.astype(np.float32, copy=False))
