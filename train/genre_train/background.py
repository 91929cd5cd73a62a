"""Sound without a genre, to train beside music that has one.

Half of it is no music at all and is a label of its own. The other half is music whose
genre nobody has said: of that a network can still learn what its teachers think of it
(:mod:`genre_train.teachers`), or at least that it is some genre or other, and not no
music.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_train.bandwidth import shift_up
from genre_train.losses import any_genre
from genre_train.melnoise import add_powers
from genre_train.nomusic import (
    ENVIRONMENT,
    FIT,
    HELD_OUT,
    SPEECH,
    SYNTHETIC,
    list_sources,
    load_faster,
    load_sounds,
)
from genre_train.parallel import usable_cores
from genre_train.playing import play_sounds
from genre_train.variation import on_some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.augment import Batch
    from genre_train.dataset import DataSet
    from genre_train.nomusic import Sound
    from genre_train.teachers import Teachers

_SHARES = {SPEECH: 0.45, ENVIRONMENT: 0.4, SYNTHETIC: 0.15}
_TOGETHER = 0.3  # probability of a second sound at the same time
_UNDER_DB = 15.0  # how much quieter that may be
_SHIFTED = 0.2


@dataclass(frozen=True)
class Piece:
    """A recording of music, and what is known of its genre."""

    frames: NDArray[np.float32]
    """Shape (n, n_mels), decibels."""
    starts: NDArray[np.int64]
    """Shape (m,), m > 0: frames at which something is known."""
    targets: NDArray[np.float32]
    """Shape (m, n_labels), as :func:`genre_train.losses.crossentropy` takes them."""

    def target(self, start: int) -> NDArray[np.float32]:
        """Return what is known nearest to a frame, shape (n_labels,)."""
        nearest = int(np.abs(self.starts - start).argmin())
        return np.asarray(self.targets[nearest], np.float32)


class Background:
    """Windows drawn at random from recordings of no music, and of any music.

    Parameters
    ----------
    no_music : mapping of str to sequence of ndarray, shape (n, n_mels)
        Decibels of recordings, by their kind.
    music : sequence of Piece, not empty
    n_frames : int > 0
        Of a window. Shorter recordings are looped.

    Attributes
    ----------
    music : tuple of Piece
        All that may be drawn.
    """

    def __init__(
        self,
        no_music: Mapping[str, Sequence[NDArray[np.float32]]],
        music: Sequence[Piece],
        n_frames: int,
    ) -> None:
        self._no_music = {kind: list(frames) for kind, frames in no_music.items()}
        self.music = tuple(music)
        self._n_frames = n_frames
        shares = np.array([_SHARES[kind] for kind in self._no_music])
        self._shares = shares / shares.sum()

    def draw_no_music(self, rng: np.random.Generator, n: int) -> Batch:
        """Draw windows of no music, shape (n, n_frames, n_mels), decibels.

        At times two sounds are heard together, and at times one is moved up: no
        recording of the environment at hand reaches the highest bands.
        """
        if not n:
            return self._blank(0)
        kinds = rng.choice(list(self._no_music), size=n, p=self._shares)
        batch = np.stack([self._any(self._no_music[kind], rng) for kind in kinds])
        others = batch[rng.permutation(n)]
        others = others - others.max(axis=(1, 2), keepdims=True)
        others = others - rng.uniform(0.0, _UNDER_DB, (n, 1, 1)).astype(np.float32)
        loudest = batch.max(axis=(1, 2), keepdims=True)
        both = add_powers(batch, others + loudest)
        together = rng.random((n, 1, 1)) < _TOGETHER
        return on_some(np.where(together, both, batch), rng, _SHIFTED, shift_up)

    def draw_music(self, rng: np.random.Generator, n: int) -> tuple[Batch, Batch]:
        """Draw windows of music.

        Returns
        -------
        levels : ndarray, shape (n, n_frames, n_mels), float32
            Decibels.
        targets : ndarray, shape (n, n_labels), float32
        """
        levels = self._blank(n)
        targets = np.empty((n, self.music[0].targets.shape[1]), np.float32)
        for i in range(n):
            piece = self.music[int(rng.integers(len(self.music)))]
            start = self._start(piece.frames, rng)
            levels[i] = self._window(piece.frames, start)
            targets[i] = piece.target(start)
        return levels, targets

    def _blank(self, n: int) -> Batch:
        n_mels = self.music[0].frames.shape[1]
        return np.empty((n, self._n_frames, n_mels), np.float32)

    def _any(
        self, recordings: Sequence[NDArray[np.float32]], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        frames = recordings[int(rng.integers(len(recordings)))]
        return self._window(frames, self._start(frames, rng))

    def _start(self, frames: NDArray[np.float32], rng: np.random.Generator) -> int:
        return int(rng.integers(0, max(len(frames) - self._n_frames, 0) + 1))

    def _window(self, frames: NDArray[np.float32], start: int) -> NDArray[np.float32]:
        order = (start + np.arange(self._n_frames)) % len(frames)
        return np.asarray(frames[order], np.float32)


def load_background(
    folder: Path,
    data: DataSet,
    teachers: Teachers | None = None,
    *,
    in_rooms: bool = False,
    everything: bool = False,
) -> Background:
    """Read what the data folder has to train with.

    Parameters
    ----------
    data : DataSet
        What is trained on beside it.
    teachers : Teachers, optional
        To be asked about the music in the folder.
    in_rooms : bool
        Have each recording as it is heard in a room.
    everything : bool
        Read what is held out, too.

    Raises
    ------
    ConfigError
        If recordings are missing, or the teachers have not heard one.
    AudioError
        If one cannot be decoded.
    """
    read = _sounds_in_rooms if in_rooms else _sounds
    sounds = read(folder, data.spec, (FIT, HELD_OUT) if everything else (FIT,))
    music = [one for one in sounds if one.source.music]
    return Background(
        {
            kind: [one.frames for one in sounds if one.source.kind == kind]
            for kind in _SHARES
        },
        _pieces(music, data.labels, teachers),
        data.spec.chunk_frames,
    )


@functools.lru_cache(maxsize=1)  # one training after another hears the same
def _sounds(folder: Path, spec: FeatureSpec, sides: tuple[str, ...]) -> list[Sound]:
    sources = [one for one in list_sources(folder) if one.side in sides]
    others = [one for one in sources if one.kind in (SPEECH, ENVIRONMENT)]
    return [
        *load_sounds(sources, spec),
        *load_faster(others, spec, np.random.default_rng(0)),
    ]


@functools.lru_cache(maxsize=1)
def _sounds_in_rooms(
    folder: Path, spec: FeatureSpec, sides: tuple[str, ...]
) -> list[Sound]:
    sources = [one for one in list_sources(folder) if one.side in sides]
    return play_sounds(sources, spec, usable_cores())


def _pieces(
    music: Sequence[Sound], labels: Sequence[str], teachers: Teachers | None
) -> list[Piece]:
    if teachers is None:
        nothing = np.zeros(1, np.int64), any_genre(labels)[None]
        return [Piece(sound.frames, *nothing) for sound in music]
    told = teachers.of_recordings(music)
    return [Piece(sound.frames, *one) for sound, one in zip(music, told, strict=True)]
