"""Sounds without music, made from random numbers: full-band company for the recordings.

Recorded household sounds in free collections often end at 8 kHz; these do not, so that
an empty top cannot become the mark of "no music".

Conventions
-----------
Each function takes a generator, a number of samples and the sample rate in hertz, and
returns float32 samples, shape (n,), with a peak of 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import fft  # type: ignore[import-untyped] # has no stubs

if TYPE_CHECKING:
    from collections.abc import Callable

Samples = NDArray[np.float32]

_BUZZING = 0.3  # share of signals with all harmonics


def coloured(
    rng: np.random.Generator, n: int, sample_rate: int, slope_db: float
) -> Samples:
    """Gaussian noise whose spectrum falls by ``slope_db`` an octave.

    0 is white, 3 pink, 6 brown. Below 20 Hz the spectrum is level.
    """
    if not slope_db:
        return _peak_of_one(rng.standard_normal(n, np.float32))
    fast = fft.next_fast_len(n, real=True)
    spectrum = fft.rfft(rng.standard_normal(fast, np.float32))
    hz = np.maximum(np.fft.rfftfreq(fast, 1.0 / sample_rate), 20.0)
    # slope_db an octave is a power of f in amplitude: 20 log10(2) = 6.02 dB.
    spectrum *= (hz / 20.0).astype(np.float32) ** np.float32(
        -slope_db / (20.0 * np.log10(2.0))
    )
    return _peak_of_one(fft.irfft(spectrum, fast)[:n])


def noise(rng: np.random.Generator, n: int, sample_rate: int) -> Samples:
    """Steady noise between white and a little steeper than brown."""
    return coloured(rng, n, sample_rate, rng.uniform(0.0, 7.0))


def hum(rng: np.random.Generator, n: int, sample_rate: int) -> Samples:
    """Mains hum: 50 or 60 Hz with falling harmonics, over hiss."""
    mains_hz = rng.choice([50.0, 60.0])
    t = np.arange(n) / sample_rate
    orders = np.arange(1, rng.integers(4, 40))
    heights = rng.uniform(0.2, 1.0, orders.size) / orders ** rng.uniform(0.3, 1.5)
    phases = rng.uniform(0.0, 2 * np.pi, orders.size)
    tones = sum(
        height * np.sin(2 * np.pi * mains_hz * order * t + phase)
        for order, height, phase in zip(orders, heights, phases, strict=True)
    )
    hiss = noise(rng, n, sample_rate) * 10 ** rng.uniform(-3.0, -0.5)
    return _peak_of_one(tones / np.abs(tones).max() + hiss)


def fan(rng: np.random.Generator, n: int, sample_rate: int) -> Samples:
    """Noise that swells with each turn of a blade, and slowly besides."""
    t = np.arange(n) / sample_rate
    blade = np.sin(2 * np.pi * rng.uniform(5.0, 40.0) * t + rng.uniform(0, 6))
    slow = np.sin(2 * np.pi * rng.uniform(0.1, 1.0) * t + rng.uniform(0, 6))
    swell = (1 + rng.uniform(0.1, 0.8) * blade) * (1 + rng.uniform(0, 0.5) * slow)
    return _peak_of_one(swell * noise(rng, n, sample_rate))


def knocks(rng: np.random.Generator, n: int, sample_rate: int) -> Samples:
    """Decaying bursts at irregular times, over hiss: steps, doors, crockery."""
    times = np.cumsum(rng.exponential(1.0 / rng.uniform(0.5, 6.0), size=256))
    starts = (times * sample_rate).astype(int)
    decay_s = rng.uniform(0.005, 0.2)
    t = np.arange(round(5 * decay_s * sample_rate)) / sample_rate
    sound = noise(rng, n, sample_rate) * 10 ** rng.uniform(-3.0, -1.0)
    for start in starts[starts < n - t.size]:
        burst = noise(rng, t.size, sample_rate) * np.exp(-t / decay_s)
        sound[start : start + t.size] += np.float32(rng.uniform(0.1, 1.0)) * burst
    return _peak_of_one(sound)


def crackle(rng: np.random.Generator, n: int, sample_rate: int) -> Samples:
    """Single-sample clicks at random, over hiss: vinyl, fire, a loose contact."""
    clicks = rng.random(n) < rng.uniform(5.0, 200.0) / sample_rate
    sound = np.where(clicks, rng.normal(size=n), 0.0)
    hiss = noise(rng, n, sample_rate) * 10 ** rng.uniform(-3.0, -1.0)
    return _peak_of_one(sound + hiss)


def hiss(rng: np.random.Generator, n: int, sample_rate: int) -> Samples:
    """Hiss over rumble, and rounding: an open microphone in a quiet room."""
    rumble = coloured(rng, n, sample_rate, 9.0) * 10 ** rng.uniform(-1.0, 0.5)
    sound = _peak_of_one(coloured(rng, n, sample_rate, 0.0) + rumble)
    steps = 2.0 ** rng.integers(2, 8)  # a few of the 16 bits are all that moves
    return _peak_of_one(np.rint(sound * steps) / steps)


def signals(rng: np.random.Generator, n: int, sample_rate: int) -> Samples:
    """Tones that come and go at a steady pace or glide: alarms, telephones, sirens."""
    t = np.arange(n) / sample_rate
    glide = rng.choice([0.0, rng.uniform(0.05, 0.4)])
    bend = 1 + glide * np.sin(2 * np.pi * rng.uniform(0.2, 4.0) * t)
    phase = 2 * np.pi * np.cumsum(bend) / sample_rate
    tones = sum(np.sin(hz * phase) for hz in rng.uniform(300, 4000, rng.integers(1, 4)))
    if rng.random() < _BUZZING:
        tones = np.sign(tones)
    period_s, share = rng.uniform(0.1, 2.0), rng.choice([1.0, rng.uniform(0.1, 0.8)])
    sounding = t % period_s < share * period_s
    hiss = noise(rng, n, sample_rate) * 10 ** rng.uniform(-3.0, -1.0)
    return _peak_of_one(_peak_of_one(tones * sounding) + hiss)


NOISES: dict[str, Callable[[np.random.Generator, int, int], Samples]] = {
    "noise": noise,
    "hum": hum,
    "fan": fan,
    "knocks": knocks,
    "crackle": crackle,
    "hiss": hiss,
    "signals": signals,
}
"""Makers of sounds by name; each draws its own character from the generator."""


def _peak_of_one(sound: NDArray[np.floating]) -> Samples:
    return np.asarray(sound / max(np.abs(sound).max(), 1e-9), np.float32)
