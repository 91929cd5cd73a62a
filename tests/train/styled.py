"""A folder of MP3s as a person may have it, but synthesised: three genres, tagged.

The pieces are those of the built-in demo, each played again by other random numbers,
faster or slower, higher or lower, brighter or darker, louder or softer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr

from genre_daemon.sources import styles, synth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

STYLES: dict[str, Callable[[np.random.Generator], NDArray[np.float32]]] = {
    "Classical": styles.chamber,
    "Disco": styles.dance,
    "Metal": styles.heavy,
    "Reggae": styles.offbeat,
}
"""What a folder of this name is filled with."""

_PER_ARTIST = 2


def play(genre: str, rng: np.random.Generator, seconds: float) -> NDArray[np.float32]:
    """Return a track, shape (n,), float32 in [-1, 1]."""
    music = STYLES[genre](rng)
    speed = rng.uniform(0.85, 1.15)
    music = soxr.resample(music, synth.RATE * speed, synth.RATE)
    start = rng.integers(0, max(1, music.size - round(seconds * synth.RATE)))
    music = music[start : start + round(seconds * synth.RATE)]
    music = synth.lift(music, rng.uniform(0.0, 1.0), rng.uniform(300.0, 3_000.0))
    hiss = synth.noise(rng, music.size / synth.RATE, 60.0, 5_000.0)
    level = rng.uniform(-24.0, -12.0)
    return np.clip(synth.master(music, level) + np.float32(2e-3) * hiss, -1.0, 1.0)


def write_music(folder: Path, genres: Iterable[str], *, numbers: range) -> Path:
    """Write a folder with one folder of MP3s of 15 s a genre, two by each artist.

    A track of the same genre and number is always the same.
    """
    for genre in genres:
        place = folder / genre
        place.mkdir(parents=True)
        for number in numbers:
            rng = np.random.default_rng([number, *genre.encode()])
            path = place / f"{number:02d}.mp3"
            with soundfile.SoundFile(path, "w", synth.RATE, 1) as file:
                file.artist = f"{genre} band {number // _PER_ARTIST}"
                file.title = f"Piece {number}"
                file.write(play(genre, rng, 15.0))
    return folder
