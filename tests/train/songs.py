"""A small collection of music that is synthesised: three genres that differ by ear.

*Bells* are decaying high tones, *drums* bursts of noise in a steady beat, *drone* a
low chord that swells. Every track draws its own pitches, tempo and level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soundfile

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 22_050
GENRES = ("bells", "drone", "drums")


def song(genre: str, rng: np.random.Generator, seconds: float) -> NDArray[np.float32]:
    """Synthesise a track, shape (n,), float32 in [-1, 1]."""
    t = np.arange(round(seconds * RATE)) / RATE
    beat_s = rng.uniform(0.3, 0.6)
    since_beat = t % beat_s
    if genre == "bells":
        pitches = rng.choice([1047.0, 1175.0, 1319.0, 1568.0, 1760.0, 2093.0], 32)
        pitch = pitches[(t // beat_s).astype(int) % 32]
        sound = np.sin(2 * np.pi * pitch * since_beat) * np.exp(-6 * since_beat)
    elif genre == "drone":
        root = rng.uniform(60.0, 120.0)
        chord = sum(np.sin(2 * np.pi * root * k * t) / k for k in (1, 1.5, 2, 3))
        sound = chord * (0.6 + 0.4 * np.sin(2 * np.pi * 0.3 * t)) / 3
    else:
        sound = rng.normal(0, 0.3, t.size) * np.exp(-12 * since_beat)
    hiss = rng.normal(0, 1e-3, t.size)
    level = rng.uniform(0.2, 0.8)
    return np.asarray(np.clip(level * sound + hiss, -1, 1), np.float32)


def write_collection(
    folder: Path, *, per_genre: int, seconds: float, seed: int = 0
) -> Path:
    """Write a folder with one folder a genre, and return it."""
    rng = np.random.default_rng(seed)
    for genre in GENRES:
        place = folder / genre
        place.mkdir(parents=True)
        for number in range(per_genre):
            soundfile.write(place / f"{number}.wav", song(genre, rng, seconds), RATE)
    return folder
