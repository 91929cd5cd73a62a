"""The way from a loudspeaker to a microphone: pure functions on samples.

Conventions
-----------
Samples have the shape (n,), float32, at ``sample_rate`` hertz. Filters do not delay:
what is left at a time is what was there. Signal-to-noise ratios compare mean powers
over the whole recording and the whole band.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft  # type: ignore[import-untyped] # has no stubs
from scipy.signal import fftconvolve  # type: ignore[import-untyped]

from genre_train.noises import Samples, coloured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ROOM_SNR_DB = (10.0, 45.0)
"""Of the rooms that are trained on: music over the noise there."""
NOISE_SLOPE_DB = (0.0, 6.0)
"""By which that noise falls in an octave: white to brown."""
SELF_NOISE_DB = (25.0, 60.0)
"""All that is heard over the microphone's own noise."""

_LEAST_HZ = 1.0
_LEAST_POWER = 1e-20


@dataclass(frozen=True)
class Tone:
    """A frequency response, linear in decibels over the logarithm of frequency."""

    hz: tuple[float, ...]
    """Rising; outside, the first and the last gain hold."""
    gain_db: tuple[float, ...]

    def at(self, hz: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the gain at frequencies, decibels."""
        octaves = np.log2(np.maximum(hz, _LEAST_HZ))
        return np.asarray(np.interp(octaves, np.log2(self.hz), self.gain_db))


FLAT = Tone((20.0, 20_000.0), (0.0, 0.0))

LOUDSPEAKERS = {
    "hi-fi": Tone((20, 45, 16_000, 20_000), (-24, 0, 0, -6)),
    "small": Tone((40, 70, 110, 3_000, 6_000, 20_000), (-40, -12, 0, 0, 2, -6)),
    "tv": Tone((60, 120, 200, 2_500, 8_000, 16_000), (-40, -10, 0, 3, 0, -12)),
    "phone": Tone(
        (100, 200, 300, 800, 3_000, 6_000, 8_000, 11_000),
        (-60, -20, 0, 0, 4, 0, -20, -60),
    ),
}
"""Band limits of typical loudspeakers; a phone gives 300 Hz to 6 kHz."""

MICROPHONES = {
    "measurement": FLAT,
    # A membrane behind a hole: rolled off below, resonant at the top.
    "mems": Tone((30, 80, 200, 4_000, 9_000, 14_000), (-18, -3, 0, 0, 4, 8)),
    "headset": Tone((60, 120, 300, 2_000, 5_000, 10_000), (-24, -6, 0, 2, 4, -12)),
}
"""Responses of typical microphones."""


def colour(samples: Samples, sample_rate: int, tone: Tone) -> Samples:
    """Put samples through a frequency response, without delay."""
    # Longer, so that the end does not come round to the beginning.
    n = fft.next_fast_len(samples.size + sample_rate, real=True)
    gains = tone.at(np.fft.rfftfreq(n, 1.0 / sample_rate)).astype(np.float32)
    spectrum = fft.rfft(samples, n) * np.float32(10.0) ** (gains / np.float32(20.0))
    return np.asarray(fft.irfft(spectrum, n)[: samples.size], np.float32)


def low_pass(samples: Samples, sample_rate: int, cutoff_hz: float) -> Samples:
    """Take away what lies above a frequency: 60 dB within an eighth of an octave."""
    return colour(
        samples, sample_rate, Tone((cutoff_hz, 2**0.125 * cutoff_hz), (0.0, -60.0))
    )


def reverberate(samples: Samples, response: Samples) -> Samples:
    """Put samples through an impulse response; the end is cut to the same length."""
    wet = fftconvolve(samples, response)[: samples.size]
    return np.asarray(wet, np.float32)


def add_noise(samples: Samples, noise: Samples, snr_db: float) -> Samples:
    """Add noise at a signal-to-noise ratio; short noise is looped.

    Silence stays as it is: nothing can be a ratio below it.
    """
    looped = np.resize(noise, samples.size)
    ratio = _power(samples) / max(_power(looped), _LEAST_POWER)
    scale = np.sqrt(ratio * 10.0 ** (-snr_db / 10.0))
    return np.asarray(samples + scale * looped, np.float32)


def mixed(loud: Samples, other: Samples, lower_db: float) -> Samples:
    """Add a sound to another, as loud as the first was alone.

    Unlike noise, what is short is not looped: after it the first goes on alone.

    Parameters
    ----------
    other : ndarray, shape (m,)
        Begins with ``loud``; what goes on after its end is left out.
    lower_db : float
        So many decibels the power of ``other`` is below that of ``loud``.

    Returns
    -------
    ndarray, shape (n,), float32
        As long as ``loud``.
    """
    n = min(loud.size, other.size)
    if not n:
        return loud
    power, added = _power(loud), _power(other)
    if min(power, added) == 0.0:
        return loud
    both = loud.copy()
    both[:n] += other[:n] * np.float32(np.sqrt(power / added) * 10 ** (-lower_db / 20))
    return np.asarray(both * np.float32(np.sqrt(power / _power(both))), np.float32)


def to_level(samples: Samples, dbfs: float) -> Samples:
    """Scale samples to a level (root mean square) and clip them at full scale."""
    scale = 10.0 ** (dbfs / 20.0) / np.sqrt(max(_power(samples), _LEAST_POWER))
    return np.asarray(np.clip(scale * samples, -1.0, 1.0), np.float32)


def babble(voices: Sequence[Samples], n: int) -> Samples:
    """Mix voices of equal level into one noise of ``n`` samples.

    Raises
    ------
    ValueError
        If there is no voice.
    """
    if not voices:
        raise ValueError("babble needs at least one voice, got none")
    levelled = [np.resize(to_level(voice, -30.0), n) for voice in voices]
    return np.asarray(np.sum(levelled, axis=0), np.float32)


@dataclass(frozen=True)
class Channel:
    """All that lies between a recording and what the daemon hears of it."""

    loudspeaker: Tone = FLAT
    response: Samples | None = None
    """Impulse response of the room; None outside of any."""
    microphone: Tone = FLAT
    snr_db: float | None = None
    """Of the noise in the room; None is quiet."""
    noise: Samples | None = None
    """What the noise is; by default pink."""
    self_noise_db: float | None = None
    """Signal over the microphone's own white noise; None is noiseless."""
    dbfs: float | None = None
    """Level that reaches the daemon; None leaves it."""

    def apply(
        self, samples: Samples, sample_rate: int, rng: np.random.Generator
    ) -> Samples:
        """Put samples through the channel, in the order of the sound."""
        heard = colour(samples, sample_rate, self.loudspeaker)
        if self.response is not None:
            heard = reverberate(heard, self.response)
        if self.snr_db is not None:
            noise = self.noise
            if noise is None:
                noise = coloured(rng, samples.size, sample_rate, 3.0)
            heard = add_noise(heard, noise, self.snr_db)
        heard = colour(heard, sample_rate, self.microphone)
        if self.self_noise_db is not None:
            hiss = coloured(rng, samples.size, sample_rate, 0.0)
            heard = add_noise(heard, hiss, self.self_noise_db)
        return heard if self.dbfs is None else to_level(heard, self.dbfs)


def _power(samples: Samples) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))
