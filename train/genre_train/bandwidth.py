"""The band-width guard: an empty top must not mean "no music", nor a full one music.

In the data at hand only sounds that are not music end at 8 kHz. So that this tells a
network nothing, both ends are blurred: music loses its top (:func:`low_pass`), other
sounds get one (:func:`fill_top`, :func:`shift_up`, and
:func:`genre_train.nomusic.load_faster` on the audio itself). Best, every window of
either class meets each of them with the same probability.

Conventions
-----------
As in :mod:`genre_train.melnoise`: batches of shape (n, n_frames, n_mels), decibels.
Standardised patches become decibels again by :func:`as_decibels`. Functions are pure;
each example draws its own random numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.features.mel import band_edges_hz
from genre_daemon.features.spec import FeatureSpec
from genre_train.augment import equalise
from genre_train.melnoise import add_powers, band_power, flicker, uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_train.augment import Batch

TOP_DB = 80.0
"""Under the maximum of a window, levels are clipped: nothing is emptier than this."""

DEVIATION_DB = 17.0
"""Standard deviation of the levels of music over a window, about."""

_CUTOFF_HZ = (2_000.0, 10_000.0)
_SLOPE_DB = (12.0, 200.0)  # an octave: a tone control up to a codec's brick wall
_SHIFT_BANDS = (5, 20)


def as_decibels(patches: Batch, deviation_db: float = DEVIATION_DB) -> Batch:
    """Give standardised patches a scale in decibels again; the reference is lost."""
    return np.asarray(patches * np.float32(deviation_db), np.float32)


def clip(batch: Batch, top_db: float = TOP_DB) -> Batch:
    """Clip each window ``top_db`` under its maximum, as the daemon does."""
    floor = batch.max(axis=(1, 2), keepdims=True) - np.float32(top_db)
    return np.asarray(np.maximum(batch, floor), np.float32)


def centres_hz(spec: FeatureSpec | None = None) -> NDArray[np.float64]:
    """Return the centre frequency of each mel band, shape (n_mels,)."""
    return band_edges_hz(spec or FeatureSpec())[1:-1]


def roll_off(
    cutoff_hz: NDArray[np.float64], slope_db: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the gain of low-passes in each band, shape (n, 1, n_mels), decibels.

    Parameters
    ----------
    cutoff_hz : ndarray, shape (n,)
        Above it the gain falls, below it is 0 dB.
    slope_db : ndarray, shape (n,)
        Decibels an octave.
    """
    octaves = np.maximum(np.log2(centres_hz() / cutoff_hz[:, None]), 0.0)
    return np.asarray(-slope_db[:, None, None] * octaves[:, None, :], np.float32)


def low_pass(batch: Batch, rng: np.random.Generator) -> Batch:
    """Cut each window off above 2 to 10 kHz, down to the floor of clipping.

    What is cut off leaves hiss behind, 50 to 100 dB under the maximum: at times
    nothing, at times what a codec or a microphone adds.
    """
    n, n_frames, _ = batch.shape
    # Low and high numbers by the octave, not by the hertz.
    cutoff, slope = (
        2.0 ** uniform(rng, (np.log2(low), np.log2(high)), n)
        for low, high in (_CUTOFF_HZ, _SLOPE_DB)
    )
    cut = batch + roll_off(cutoff, slope)
    highest = cut.max(axis=(1, 2), keepdims=True)
    under = rng.uniform(-100.0, -50.0, size=(n, 1, 1)).astype(np.float32)
    hiss = equalise(highest + under + flicker(rng, n, n_frames), rng, 4.0, 4)
    return clip(add_powers(cut, hiss))


def fill_top(batch: Batch, rng: np.random.Generator) -> Batch:
    """Add full-band noise to each window, at 0 to 50 dB under its loudest band.

    Its spectrum is a random smooth curve, at times level, at times falling with the
    sound's own slope: a noise floor as microphones, rooms and amplifiers have.
    """
    n, n_frames, n_mels = batch.shape
    loudest = band_power(batch).max(axis=2, keepdims=True)
    under = rng.uniform(-50.0, 0.0, size=(n, 1, 1)).astype(np.float32)
    fall = np.linspace(0.0, 1.0, n_mels, dtype=np.float32)
    slope = rng.uniform(-30.0, 0.0, size=(n, 1, 1)).astype(np.float32)
    noise = loudest + under + slope * fall + flicker(rng, n, n_frames)
    return clip(add_powers(batch, equalise(noise, rng, depth=6.0, knots=6)))


def shift_up(batch: Batch, rng: np.random.Generator) -> Batch:
    """Move each window 5 to 20 bands up; the lowest band fills what is left below.

    From 8 kHz it is 13 bands to the top.
    """
    n, _, n_mels = batch.shape
    low, high = _SHIFT_BANDS
    shift = rng.integers(low, high + 1, size=(n, 1))
    source = np.clip(np.arange(n_mels) - shift, 0, n_mels - 1)
    return np.take_along_axis(batch, source[:, None, :], axis=2)


def sometimes(
    batch: Batch,
    changed: Batch,
    rng: np.random.Generator,
    probability: float,
) -> Batch:
    """Take each window from ``changed`` with a probability, else from ``batch``."""
    chosen = rng.random((len(batch), 1, 1)) < probability
    return np.where(chosen, changed, batch)
