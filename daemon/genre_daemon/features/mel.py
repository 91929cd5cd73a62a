"""Mel filter bank with Slaney's scale and norm.

Equal to ``librosa.filters.mel(htk=False, norm="slaney")``, computed here so that
the daemon needs no librosa.

References
----------
M. Slaney, Auditory Toolbox, version 2, Interval Research Corporation, 1998.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

_HZ_PER_MEL = 200.0 / 3  # the scale is linear up to
_BREAK_HZ = 1_000.0  # here, and logarithmic above,
_BREAK_MEL = _BREAK_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0  # 27 mels from 1 kHz to 6.4 kHz.

_WEIGHTS = 4_096
"""At most, of bands that are summed together. More of them at once are fewer calls, but
more zeros; and from 9216 on, OpenBLAS would wake up its other threads."""


def hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert hertz to Slaney mels, element by element."""
    above = _BREAK_MEL + np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(hz < _BREAK_HZ, hz / _HZ_PER_MEL, above)


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert Slaney mels to hertz, element by element."""
    above = _BREAK_HZ * np.exp(_LOG_STEP * (np.maximum(mel, _BREAK_MEL) - _BREAK_MEL))
    return np.where(mel < _BREAK_MEL, mel * _HZ_PER_MEL, above)


def band_edges_hz(spec: FeatureSpec) -> NDArray[np.float64]:
    """Return the corner frequencies of the triangles, shape (n_mels + 2,)."""
    low, high = hz_to_mel(np.array([spec.fmin, spec.fmax]))
    return mel_to_hz(np.linspace(low, high, spec.n_mels + 2))


def mel_weights(spec: FeatureSpec) -> NDArray[np.float32]:
    """Return the filter bank, shape (n_mels, n_fft // 2 + 1), each of unit area."""
    edges = band_edges_hz(spec)
    bins_hz = np.fft.rfftfreq(spec.n_fft, 1.0 / spec.sample_rate)
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (bins_hz - lower) / (centre - lower)
    falling = (upper - bins_hz) / (upper - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (upper - lower)), dtype=np.float32)


class MelFilterBank:
    """Apply :func:`mel_weights` to power spectra, row by row.

    Neighbouring bands are summed together, from those bins that any of them has: the
    rest of the matrix is zeros. Each row is a product of its own. In a product of
    matrices, how many rows there are, and which of them it is, decides how a row is
    rounded.
    """

    def __init__(self, spec: FeatureSpec) -> None:
        weights = mel_weights(spec)
        bins_hz = np.fft.rfftfreq(spec.n_fft, 1.0 / spec.sample_rate)
        corners = np.searchsorted(bins_hz, band_edges_hz(spec)).tolist()
        # Transposed views of contiguous rows: BLAS then takes the product of each band
        # as a dot product, in three quarters of the time.
        self._groups = [
            (bands, bins, weights[bands, bins].copy().T)
            for bands, bins in _neighbours(corners)
        ]
        self._n_mels = spec.n_mels

    def push(self, power: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sum power spectra into bands.

        Parameters
        ----------
        power : ndarray, shape (n_frames, n_fft // 2 + 1), float32 >= 0

        Returns
        -------
        ndarray, shape (n_frames, n_mels), float32 >= 0
        """
        rows = power[:, np.newaxis]
        mel = np.empty((len(power), 1, self._n_mels), np.float32)
        for bands, bins, weights in self._groups:
            np.matmul(rows[..., bins], weights, out=mel[..., bands])
        return mel[:, 0]


def _neighbours(corners: list[int]) -> Iterator[tuple[slice, slice]]:
    """Yield bands that are summed together, and the bins of all of them.

    Parameters
    ----------
    corners : list of int
        First bin from each corner frequency on: band ``b`` lies between the corners
        ``b`` and ``b + 2``.
    """
    first, n_mels = 0, len(corners) - 2
    for band in range(n_mels):
        if (band + 1 - first) * (corners[band + 2] - corners[first]) > _WEIGHTS:
            if band > first:
                yield slice(first, band), slice(corners[first], corners[band + 1])
            first = band
    yield slice(first, n_mels), slice(corners[first], corners[n_mels + 1])
