"""Instruments made of sines and noise, for the built-in demo.

Conventions
-----------
Sounds are float32 arrays of shape (n,) at ``RATE``; a note at full strength peaks
near 1. Pitches are MIDI numbers (69 is 440 Hz), times and lengths are seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

RATE = 22_050
"""Hertz."""

_HIGHEST = 0.47  # of the rate: no partial may come near half of it


class Mix:
    """A stretch of music that sounds are laid into."""

    def __init__(self, length_s: float) -> None:
        self.samples: NDArray[np.float32] = np.zeros(round(length_s * RATE), np.float32)

    def add(
        self, start_s: float, sound: NDArray[np.float32], gain: float = 1.0
    ) -> None:
        """Lay a sound in at a time; what reaches past the end is cut."""
        start = max(0, round(start_s * RATE))
        room = self.samples[start : start + sound.size]
        room += np.float32(gain) * sound[: room.size]


def hertz(pitch: float) -> float:
    """Return the frequency of a MIDI pitch."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def seconds(length_s: float) -> NDArray[np.float32]:
    """Return the times of the samples of a sound."""
    return np.arange(round(length_s * RATE), dtype=np.float32) / np.float32(RATE)


def envelope(
    length_s: float, attack_s: float, decay_s: float, release_s: float
) -> NDArray[np.float32]:
    """Return a gain that rises, decays exponentially, and ends without a click."""
    t = seconds(length_s)
    rise = np.minimum(1.0, t / max(attack_s, 1e-4))
    fall = np.clip((length_s - t) / max(release_s, 1e-4), 0.0, 1.0)
    return np.asarray(rise * fall * np.exp(-t / decay_s), np.float32)


def partials(  # noqa: PLR0913 - the ways in which sounds differ
    pitch: float,
    length_s: float,
    strengths: ArrayLike,
    *,
    decay_s: float = 1e3,
    damping: float = 0.0,
    vibrato: float = 0.0,
) -> NDArray[np.float32]:
    """Return a sum of harmonics.

    Parameters
    ----------
    pitch, length_s : float
    strengths : array_like, shape (n_partials,)
    decay_s, damping : float
        Partial k dies away in ``decay_s / (1 + damping * k)`` seconds.
    vibrato : float
        Depth relative to the frequency, at 5.5 Hz.
    """
    t = seconds(length_s)
    root = hertz(pitch)
    phase = 2 * np.pi * root * t
    if vibrato:
        phase += vibrato * root / 5.5 * np.sin(2 * np.pi * 5.5 * t)
    # Each harmonic is the one before times this: a tenth of the cost of a sine.
    step = np.exp(1j * phase - damping / decay_s * t).astype(np.complex64)
    harmonic = np.ones_like(step)
    sound = np.zeros_like(t)
    for k, strength in enumerate(np.asarray(strengths, np.float32), start=1):
        if root * k > _HIGHEST * RATE:
            break
        harmonic *= step
        sound += strength * harmonic.imag
    return np.asarray(sound * np.exp(-t / np.float32(decay_s)), np.float32)


def slope(n: int, power: float, cut: float = 1e3) -> NDArray[np.float32]:
    """Return strengths of n harmonics that fall as k**-power, and faster past cut."""
    k = np.arange(1, n + 1)
    return np.asarray(k**-power * np.exp(-k / cut), np.float32)


def band(
    sound: NDArray[np.float32], low_hz: float, high_hz: float
) -> NDArray[np.float32]:
    """Return a sound with soft edges (12 dB an octave) at two frequencies."""
    spectrum = np.fft.rfft(sound)
    f = np.fft.rfftfreq(sound.size, 1.0 / RATE) + 1e-3
    gain = 1.0 / (1.0 + (low_hz / f) ** 2) / (1.0 + (f / high_hz) ** 2)
    return np.asarray(np.fft.irfft(spectrum * gain, sound.size), np.float32)


def lift(
    sound: NDArray[np.float32], amount: float, low_hz: float = 900.0
) -> NDArray[np.float32]:
    """Return a sound with more presence, as an engineer would mix it."""
    return sound + np.float32(amount) * band(sound, low_hz, 4_500.0)


def noise(
    rng: np.random.Generator, length_s: float, low_hz: float, high_hz: float
) -> NDArray[np.float32]:
    """Return noise in a band, with a peak near 1."""
    white = rng.standard_normal(round(length_s * RATE)).astype(np.float32)
    coloured = band(white, low_hz, high_hz)
    return coloured / np.float32(3.0 * coloured.std() + 1e-9)


def reverb(
    sound: NDArray[np.float32],
    rng: np.random.Generator,
    tail_s: float,
    amount: float,
) -> NDArray[np.float32]:
    """Return a sound in a room whose echoes fall by 60 dB in ``tail_s``."""
    t = seconds(tail_s)
    room = rng.standard_normal(t.size) * np.exp(-6.9 * t / tail_s)
    room /= np.sqrt(np.sum(np.square(room)))
    size = 1 << (sound.size + t.size).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(room, size), size)
    darker = band(np.asarray(wet[: sound.size], np.float32), 120.0, 4_500.0)
    return sound + np.float32(amount) * darker


def master(sound: NDArray[np.float32], level_dbfs: float) -> NDArray[np.float32]:
    """Return a piece at a level, its peaks rounded off, inside [-1, 1]."""
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) + 1e-9
    gain = 10.0 ** (level_dbfs / 20.0) / rms
    return np.asarray(np.tanh(gain * sound), np.float32)


def kick(length_s: float = 0.35, punch: float = 1.0) -> NDArray[np.float32]:
    """Return a bass drum: a sine that falls from about 180 to 48 Hz, and a click."""
    t = seconds(length_s)
    phase = 2 * np.pi * (48.0 * t + 4.0 * punch * (1.0 - np.exp(-t * 33.0)))
    body = np.sin(phase) * envelope(length_s, 0.001, 0.13, 0.05)
    click = np.sin(2 * np.pi * 3_000.0 * t) * np.exp(-t * 400.0)
    return np.asarray(body + 0.3 * punch * click, np.float32)


def snare(rng: np.random.Generator, length_s: float = 0.22) -> NDArray[np.float32]:
    """Return a snare drum: two modes of the skin, and the wires."""
    t = seconds(length_s)
    modes = np.sin(2 * np.pi * 185 * t) + 0.6 * np.sin(2 * np.pi * 331 * t)
    skin = modes * np.exp(-t * 28.0)
    wires = noise(rng, length_s, 1_200.0, 8_500.0) * np.exp(-t * 17.0)
    return np.asarray(0.5 * skin + 0.9 * wires, np.float32)


def cymbal(
    rng: np.random.Generator, decay_s: float, low_hz: float = 7_000.0
) -> NDArray[np.float32]:
    """Return a hi-hat (decay 0.03), open hat (0.2), ride (0.5) or crash (1)."""
    length_s = 4.0 * decay_s
    t = seconds(length_s)
    return np.asarray(
        noise(rng, length_s, low_hz, 8_000.0) * np.exp(-t / decay_s), np.float32
    )


def piano(pitch: float, length_s: float, strength: float = 0.6) -> NDArray[np.float32]:
    """Return a struck string; harder is brighter."""
    tones = slope(14, 1.1, 2.0 + 7.0 * strength)
    decay_s = 1.6 * 2.0 ** ((60.0 - pitch) / 18.0)
    body = partials(pitch, length_s, tones, decay_s=decay_s, damping=0.22)
    return strength * body * envelope(length_s, 0.003, 1e3, 0.12)


def strings(
    rng: np.random.Generator, pitch: float, length_s: float
) -> NDArray[np.float32]:
    """Return a section: two desks, not quite in tune, slow to speak."""
    sound = np.zeros(round(length_s * RATE), np.float32)
    for _ in range(2):
        tuned, vibrato = pitch + rng.normal(0.0, 0.05), rng.uniform(0.002, 0.005)
        sound += partials(tuned, length_s, slope(14, 1.0, 6.0), vibrato=vibrato)
    return np.float32(0.4) * sound * envelope(length_s, 0.18, 1e3, 0.25)


def pluck(pitch: float, length_s: float, cut: float = 5.0) -> NDArray[np.float32]:
    """Return a plucked string: a bass with a low cut, a guitar with a higher one."""
    body = partials(pitch, length_s, slope(16, 0.9, cut), decay_s=0.7, damping=0.25)
    return body * envelope(length_s, 0.004, 1e3, 0.03)


def organ(pitch: float, length_s: float) -> NDArray[np.float32]:
    """Return a drawbar organ."""
    tones = (0.8, 0.9, 0.5, 0.5, 0.0, 0.2, 0.0, 0.25)
    body = partials(pitch, length_s, tones, vibrato=0.003)
    return 0.4 * body * envelope(length_s, 0.008, 1e3, 0.02)


def horn(
    rng: np.random.Generator, pitch: float, length_s: float
) -> NDArray[np.float32]:
    """Return a reed or brass: many harmonics around a formant, breath, vibrato."""
    k = np.arange(1, 19)
    f = hertz(pitch) * k
    tones = k**-0.6 * (
        np.exp(-np.square((f - 900.0) / 900.0)) + 0.15 * np.exp(-k / 8.0)
    )
    body = partials(pitch, length_s, tones, vibrato=0.006)
    breath = 0.06 * noise(rng, length_s, 1_000.0, 6_000.0)
    return (body + breath) * envelope(length_s, 0.035, 1e3, 0.06)


def fuzz(
    rng: np.random.Generator, pitch: float, length_s: float, decay_s: float = 1e3
) -> NDArray[np.float32]:
    """Return a distorted power chord: root, fifth and octave through one amplifier."""
    tones = slope(24, 1.0)
    # So far turned up, an amplifier makes as much noise as the strings make sound.
    chord = rng.standard_normal(round(length_s * RATE)).astype(np.float32)
    for step in (0.0, 7.02, 11.98):
        chord += partials(pitch + step, length_s, tones)
    driven = np.tanh(20.0 * chord * envelope(length_s, 0.003, decay_s, 0.02))
    # A loudspeaker of twelve inches: little under 120 Hz, not much over 6 kHz.
    return 0.6 * band(np.asarray(driven, np.float32), 120.0, 6_000.0)
