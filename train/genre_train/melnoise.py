"""Steady noise as log-mel frames, to be added to frames whose audio is not at hand.

Powers add, decibels do not: the sum of two independent sounds has, on average, the sum
of their powers in every band.

Conventions
-----------
A batch has the shape (n, n_frames, n_mels), float32, in decibels (any reference).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.features.logmel import LogMel
from genre_daemon.features.mel import band_edges_hz
from genre_daemon.features.spec import FeatureSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_train.augment import Batch

_TEXTURE_S = 30.0
_TO_BEL = np.float32(0.1 * np.log(10.0))  # decibels to natural logarithm of power


def add_powers(one: Batch, other: Batch) -> Batch:
    """Return the level of the sum of two independent sounds, decibels."""
    added = np.logaddexp(_TO_BEL * one, _TO_BEL * other)
    return np.asarray(added / _TO_BEL, np.float32)


def band_power(batch: Batch) -> NDArray[np.float32]:
    """Return the mean power of each band over time, shape (n, 1, n_mels), decibels."""
    highest = batch.max(axis=1, keepdims=True)
    power = np.exp(_TO_BEL * (batch - highest)).mean(axis=1, keepdims=True)
    return np.asarray(highest + np.log(power) / _TO_BEL, np.float32)


@functools.cache
def texture(spec: FeatureSpec) -> NDArray[np.float32]:
    """Return real frames of white noise, each band levelled to a mean power of 0 dB.

    Half a minute, shape (n, n_mels), float32: how noise flickers in each band, which
    depends on the window, the hop and how many bins the band has.
    """
    rng = np.random.default_rng(0)
    white = rng.normal(0.0, 0.1, round(_TEXTURE_S * spec.sample_rate))
    frames = LogMel(spec).push(white.astype(np.float32))
    levelled: NDArray[np.float32] = (frames - band_power(frames[None]))[0]
    return levelled


def flicker(
    rng: np.random.Generator, n: int, n_frames: int, spec: FeatureSpec | None = None
) -> Batch:
    """Return ``n`` stretches of noise of 0 dB mean power in every band."""
    noise = texture(spec or FeatureSpec())
    start = rng.integers(0, len(noise) - n_frames, size=(n, 1))
    return np.asarray(noise[start + np.arange(n_frames)])


def uniform(
    rng: np.random.Generator, limits: tuple[float, float], n: int
) -> NDArray[np.float64]:
    """Draw ``n`` numbers between two limits."""
    low, high = limits
    return rng.uniform(low, high, size=n)


def add_at_snr(batch: Batch, noise: Batch, snr_db: NDArray[np.floating]) -> Batch:
    """Add noise to each window at a signal-to-noise ratio over the whole band.

    Parameters
    ----------
    noise : ndarray, shape as the batch
        Of any level, decibels.
    snr_db : ndarray, shape (n,)
    """
    shift = total_power(batch) - total_power(noise) - snr_db
    return add_powers(batch, noise + shift[:, None, None].astype(np.float32))


def total_power(batch: Batch, spec: FeatureSpec | None = None) -> NDArray[np.float64]:
    """Return the mean power of each window, shape (n,), decibels.

    Mel filters of unit area measure a density: each counts as wide as it is.
    """
    edges = band_edges_hz(spec or FeatureSpec())
    widths = (edges[2:] - edges[:-2]) / 2.0
    levels = band_power(batch)[:, 0].astype(np.float64)
    return np.asarray(10.0 * np.log10(10.0 ** (levels / 10.0) @ widths))
