"""Six short pieces in clearly different styles, for the built-in demo.

Each is a function of a random generator and returns ``LENGTH_S`` seconds of music at
``synth.RATE``. Nothing here knows what any model will call it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.sources import synth
from genre_daemon.sources.synth import Mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LENGTH_S = 20.0
"""Seconds of each piece."""

_LEVEL_DBFS = -17.0

# The soloists of the swing piece: chords a beat, beats of eight that are played (the
# rest is to breathe), and how many of the notes in them.
_COMPING = 0.35
_PHRASE = 6
_NOTES = 0.8


def chamber(rng: np.random.Generator) -> NDArray[np.float32]:
    """Broken piano chords, a melody, and strings beneath, in a hall."""
    mix = Mix(LENGTH_S)
    chords = [(48, 55, 60, 64), (45, 52, 57, 60), (41, 53, 57, 60), (43, 50, 55, 59)]
    melody = (76, 74, 72, 71, 69, 72, 76, 79, 77, 76, 74, 72, 71, 74, 79, 83)
    eighth_s = 0.31
    for bar in range(9):
        start_s = bar * 8 * eighth_s
        chord = chords[bar % 4]
        for i, step in enumerate((0, 1, 2, 3, 2, 1, 2, 1)):
            late_s = rng.normal(0.0, 0.008)
            loud = 0.35 + 0.12 * (i == 0) + rng.normal(0.0, 0.03)
            mix.add(
                start_s + i * eighth_s + late_s, synth.piano(chord[step], 1.6, loud)
            )
        for i in range(2):
            pitch = melody[(2 * bar + i) % len(melody)]
            mix.add(start_s + i * 4 * eighth_s, synth.piano(pitch, 2.4, 0.75))
        for pitch in chord[1:]:
            mix.add(start_s, synth.strings(rng, pitch + 12, 8.6 * eighth_s), 0.25)
        mix.add(start_s, synth.strings(rng, chord[0], 8.6 * eighth_s), 0.35)
    return synth.reverb(mix.samples, rng, 2.2, 0.5)


def dance(rng: np.random.Generator) -> NDArray[np.float32]:
    """Four on the floor at 118, open hats between, octave bass, strings, guitar."""
    mix, room = Mix(LENGTH_S), Mix(LENGTH_S)
    beat_s = 60.0 / 118.0
    drum, clap = synth.kick(), synth.snare(rng)
    closed, opened = synth.cymbal(rng, 0.03), synth.cymbal(rng, 0.09)
    roots = (45, 41, 48, 43)
    for beat in range(int(LENGTH_S / beat_s)):
        at_s = beat * beat_s
        root = roots[beat // 4 % 4]
        third = 3 if root == roots[0] else 4
        mix.add(at_s, drum, 1.0)
        if beat % 2:
            mix.add(at_s, clap, 0.7)
        mix.add(at_s + beat_s / 2, opened, 0.4)
        for quarter in range(4):
            mix.add(at_s + quarter * beat_s / 4, closed, 0.16)
        mix.add(at_s, synth.pluck(root - 12, beat_s / 2, 4.0), 0.75)
        mix.add(at_s + beat_s / 2, synth.pluck(root, beat_s / 2, 5.0), 0.65)
        for offset in (0.25, 0.5, 1.25, 1.75):
            if offset < 1.0 or beat % 2:
                for step in (12, 12 + third, 19, 24):
                    chop = synth.pluck(root + step, 0.1, 9.0)
                    mix.add(at_s + offset % 1.0 * beat_s, chop, 0.13)
        if beat % 4 == 0:
            for step in (12, 12 + third, 19, 24):
                room.add(at_s, synth.strings(rng, root + step + 12, 4 * beat_s), 0.3)
    hall = synth.reverb(room.samples, rng, 1.2, 0.6)
    return synth.lift(mix.samples + 1.6 * hall, 1.2)


def heavy(rng: np.random.Generator) -> NDArray[np.float32]:
    """Distorted power chords at 168, chopped between, with a double bass drum."""
    mix, guitars = Mix(LENGTH_S), Mix(LENGTH_S)
    beat_s = 60.0 / 168.0
    drum, backbeat = synth.kick(0.2, 1.6), synth.snare(rng, 0.25)
    crash, hat = synth.cymbal(rng, 0.9, 3_500.0), synth.cymbal(rng, 0.12, 5_000.0)
    riff = (40, 40, 43, 40, 46, 45, 40, 38)
    for beat in range(int(LENGTH_S / beat_s)):
        at_s = beat * beat_s
        pitch = riff[beat // 2 % len(riff)]
        for quarter in range(4):
            mix.add(at_s + quarter * beat_s / 4, drum, 0.5)
        if beat % 2:
            mix.add(at_s, backbeat, 0.95)
        mix.add(at_s, hat, 0.35)
        if beat % 16 == 0:
            mix.add(at_s, crash, 0.6)
        for voice in range(2):
            tuned = pitch + rng.normal(0.0, 0.04)
            start_s = at_s + 0.006 * voice
            if beat % 2 == 0:
                guitars.add(start_s, synth.fuzz(rng, tuned, 1.1 * beat_s), 0.75)
            else:
                for half in range(2):
                    short = synth.fuzz(rng, tuned, beat_s / 2, 0.4)
                    guitars.add(start_s + half * beat_s / 2, short, 0.75)
        mix.add(at_s, synth.pluck(pitch - 12, beat_s, 8.0), 0.3)
    wall = synth.lift(synth.reverb(guitars.samples, rng, 0.6, 0.2), 8.0, 2_000.0)
    return mix.samples + 1.2 * wall


def beats(rng: np.random.Generator) -> NDArray[np.float32]:
    """Lay down a beat at 90: deep bass, dry drums, a muffled piano loop."""
    mix, loop = Mix(LENGTH_S), Mix(LENGTH_S)
    sixteenth_s = 60.0 / 90.0 / 4.0
    drum, backbeat = synth.kick(0.45, 1.2), synth.snare(rng)
    hat = synth.cymbal(rng, 0.035, 6_000.0)
    for bar in range(int(LENGTH_S / sixteenth_s / 16) + 1):
        at_s = bar * 16 * sixteenth_s
        for step in (0, 3, 7, 10):
            mix.add(at_s + step * sixteenth_s, drum, 1.1)
        for step in (4, 12):
            mix.add(at_s + step * sixteenth_s, backbeat, 0.95)
        for step in range(16):
            swing_s = 0.22 * sixteenth_s * (step % 2)
            loud = 0.16 if step % 2 == 0 else 0.08
            mix.add(at_s + step * sixteenth_s + swing_s, hat, loud)
        root = (33, 36, 31, 34)[bar % 4]
        for step, length in ((0, 3), (3, 4), (10, 5)):
            deep = synth.partials(root, length * sixteenth_s, (1.0, 0.35, 0.1))
            gate = synth.envelope(length * sixteenth_s, 0.01, 1.2, 0.05)
            mix.add(at_s + step * sixteenth_s, deep * gate, 0.85)
        for step in (0, 6):
            for up in (24, 27, 31, 34):
                loop.add(at_s + step * sixteenth_s, synth.piano(root + up, 0.8), 0.3)
        for step, up in ((8, 39), (11, 36), (13, 34)):
            loop.add(at_s + step * sixteenth_s, synth.piano(root + up, 0.5), 0.35)
    old = synth.reverb(synth.band(loop.samples, 200.0, 3_500.0), rng, 0.7, 0.5)
    return synth.lift(mix.samples + 2.5 * old, 2.0)


def offbeat(rng: np.random.Generator) -> NDArray[np.float32]:
    """Chords on the off-beat at 76, one drop on three, and a bass that sings."""
    mix, chops = Mix(LENGTH_S), Mix(LENGTH_S)
    beat_s = 60.0 / 76.0
    drum, rim = synth.kick(), synth.snare(rng, 0.09)
    hat = synth.cymbal(rng, 0.03)
    line = ((0.0, 0, 0.9), (1.0, 7, 0.4), (1.5, 4, 0.4), (2.0, 0, 0.8), (3.25, 7, 0.5))
    for bar in range(int(LENGTH_S / beat_s / 4) + 1):
        start_s = bar * 4 * beat_s
        root, third = ((45, 3), (50, 3), (43, 4), (45, 3))[bar % 4]
        mix.add(start_s + 2 * beat_s, drum, 1.0)
        mix.add(start_s + 2 * beat_s, rim, 0.8)
        for eighth in range(8):
            mix.add(start_s + eighth * beat_s / 2, hat, 0.2 + 0.08 * (eighth % 2))
        for offset, step, length in line:
            low = synth.pluck(root - 12 + step, length * beat_s, 1.6)
            mix.add(start_s + offset * beat_s, low, 1.3)
        for beat in range(4):
            at_s = start_s + (beat + 0.5) * beat_s
            for step in (12, 12 + third, 19):
                chops.add(at_s, synth.pluck(root + step, 0.13, 7.0), 0.4)
                chops.add(at_s, synth.organ(root + step, 0.16), 0.3)
                ghost_s = at_s + 0.25 * beat_s
                chops.add(ghost_s, synth.organ(root + step, 0.1), 0.15)
    chopped = synth.band(chops.samples, 300.0, 5_000.0)
    return mix.samples + synth.lift(synth.reverb(chopped, rng, 1.4, 0.4), 2.0)


def swing(rng: np.random.Generator) -> NDArray[np.float32]:
    """Walk a bass at 150 under ride and brushes, piano comping, a horn on top."""
    mix = Mix(LENGTH_S)
    beat_s = 60.0 / 150.0
    ride, brush = synth.cymbal(rng, 0.35, 4_500.0), synth.snare(rng, 0.12)
    pedal = synth.cymbal(rng, 0.03)
    changes = ((38, 3, 10), (43, 4, 10), (36, 4, 11), (33, 4, 10))  # ii V I VI
    scale = (0, 2, 3, 5, 7, 9, 10, 12, 14)
    place = 4
    for beat in range(int(LENGTH_S / beat_s)):
        at_s = beat * beat_s
        root, third, seventh = changes[beat // 4 % 4]
        walk = (0, third, 7, 11)[beat % 4]
        mix.add(at_s + rng.normal(0, 0.006), synth.pluck(root + walk, 0.42, 2.2), 1.1)
        mix.add(at_s, ride, 0.1)
        if beat % 2:
            mix.add(at_s + beat_s * 2 / 3, ride, 0.07)
            mix.add(at_s, pedal, 0.12)
            mix.add(at_s, brush, 0.12)
        if rng.random() < _COMPING:
            when_s = at_s + rng.choice((0.0, 2 / 3)) * beat_s
            for step in (third + 24, seventh + 12, 26, 31):
                mix.add(when_s, synth.piano(root + step, 0.6, 0.7), 0.4)
        for part_s, length_s in ((0.0, 2 / 3), (2 / 3, 1 / 3)):
            if beat % 8 < _PHRASE and rng.random() < _NOTES:
                place = int(np.clip(place + rng.integers(-2, 3), 0, len(scale) - 1))
                note = synth.horn(rng, 62 + scale[place], length_s * beat_s * 1.05)
                mix.add(at_s + part_s * beat_s, note, 0.7)
    return synth.lift(synth.reverb(mix.samples, rng, 1.1, 0.4), 0.7, 500.0)


STYLES: tuple[Callable[[np.random.Generator], NDArray[np.float32]], ...] = (
    chamber,
    dance,
    heavy,
    beats,
    offbeat,
    swing,
)
"""In the order in which the demo plays them."""


def render(index: int, seed: int = 440) -> NDArray[np.float32]:
    """Return a piece, always the same: shape (n,), float32 in [-1, 1].

    Parameters
    ----------
    index : int >= 0
        Which of ``STYLES``, counted round and round.
    seed : int
    """
    place = index % len(STYLES)
    rng = np.random.default_rng((seed, place))
    music = STYLES[place](rng)
    # No recording is empty between its harmonics; a model has never heard that.
    hiss = synth.noise(rng, LENGTH_S, 60.0, 2_500.0)
    piece = synth.master(music, _LEVEL_DBFS) + np.float32(2e-3) * hiss
    edge = np.minimum(1.0, synth.seconds(LENGTH_S) / 0.02)
    return np.asarray(np.clip(piece * edge * edge[::-1], -1.0, 1.0), np.float32)
