"""Excerpts of recordings with what musicnn hears of them, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_train.heads import Scale
from genre_train.imitation.moments import MOMENT_FRAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_APART = 3  # of moments that are measured: those between are much like them
_SILENT_DB = 20.0  # an excerpt within so little holds nothing to hear


@dataclass(frozen=True)
class Heard:
    """A recording by both ears."""

    frames: NDArray[np.float16]
    """Shape (n_frames, n_mels), decibels."""
    moments: NDArray[np.float16]
    """Shape (n, n_targets)."""
    in_a_room: NDArray[np.float16] | None = None
    """Frames of the same recording as it is heard in a room."""

    def places(self, n_frames: int) -> int:
        """Return at how many moments an excerpt of so many frames can begin."""
        by_frames = (len(self.frames) - n_frames) // MOMENT_FRAMES
        by_moments = len(self.moments) - n_frames // MOMENT_FRAMES
        return 1 + min(by_frames, by_moments)


class Excerpts:
    """Excerpts as long as a chunk, from anywhere in any recording.

    Parameters
    ----------
    recordings : sequence of Heard
        Those that are too short are left out.
    n_frames : int
        Of an excerpt.
    room : float
        Share of excerpts that are heard in a room, where there is such a recording.
        What musicnn hears is always that of the recording itself.

    Raises
    ------
    ValueError
        If none is long enough.
    """

    def __init__(
        self, recordings: Sequence[Heard], n_frames: int, room: float = 0.0
    ) -> None:
        self._n_frames, self._room = n_frames, room
        self._recordings = [one for one in recordings if one.places(n_frames) > 0]
        if not self._recordings:
            raise ValueError(f"no recording has {n_frames} frames")

    def scale(self) -> Scale:
        """Measure mean and deviation of all that musicnn hears of them."""
        some = [one.moments[::_APART] for one in self._recordings]
        return Scale.of(np.concatenate(some).astype(np.float32))

    def draw(
        self, rng: np.random.Generator, n: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draw excerpts in which there is something to hear.

        Returns
        -------
        levels : ndarray, shape (n, n_frames, n_mels), float32
            Decibels.
        moments : ndarray, shape (n, n_frames // 16, n_targets), float32
        """
        drawn = [self._one(rng) for _ in range(n)]
        levels = np.stack([levels for levels, _ in drawn])
        return levels, np.stack([moments for _, moments in drawn]).astype(np.float32)

    def _one(
        self, rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float16]]:
        while True:
            one = self._recordings[int(rng.integers(len(self._recordings)))]
            place = int(rng.integers(one.places(self._n_frames)))
            begin = place * MOMENT_FRAMES
            shown = slice(begin, begin + self._n_frames)
            levels = one.frames[shown]
            if np.ptp(levels) <= _SILENT_DB:
                continue
            if one.in_a_room is not None and rng.random() < self._room:
                levels = one.in_a_room[shown]
            moments = one.moments[place : place + self._n_frames // MOMENT_FRAMES]
            return levels.astype(np.float32), moments
