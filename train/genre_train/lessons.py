"""Recordings with their embeddings, as chunks to learn from before any genre.

Conventions
-----------
Targets are the principal components of each tagger's embeddings over the recordings at
hand, each divided by the square root of its standard deviation: half way between the
embedding as it is, of which a few directions are nearly all, and a whitened one, in
which noise counts as much as music.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_train.embeddings import HOP_S, TAGGERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.embeddings import Embeddings
    from genre_train.nomusic import Sound

_LEAST_SPREAD = 1e-6


@dataclass(frozen=True)
class Lesson:
    """One recording."""

    frames: NDArray[np.float32]
    """Shape (n, n_mels), decibels; at least as long as a chunk."""
    targets: NDArray[np.float32]
    """Shape (m, n_targets), one every second."""


class Lessons:
    """Chunks drawn at random from recordings, with what is to be said of them.

    Parameters
    ----------
    lessons : sequence of Lesson
    spec : FeatureSpec
    """

    def __init__(self, lessons: Sequence[Lesson], spec: FeatureSpec) -> None:
        self._n_frames = spec.chunk_frames
        self._lessons = [one for one in lessons if len(one.frames) >= self._n_frames]
        self._frame_s = spec.hop_length / spec.sample_rate
        self.n_targets = lessons[0].targets.shape[1]

    def __len__(self) -> int:
        """Return the number of recordings."""
        return len(self._lessons)

    def draw(
        self, rng: np.random.Generator, n: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draw chunks, each from another recording if there are enough.

        Returns
        -------
        levels : ndarray, shape (n, chunk_frames, n_mels), float32
            Decibels.
        targets : ndarray, shape (n, n_targets), float32
        """
        chosen = rng.choice(len(self._lessons), n, replace=n > len(self._lessons))
        drawn = [self._chunk(self._lessons[i], rng) for i in chosen]
        levels, targets = zip(*drawn, strict=True)
        return np.stack(levels), np.stack(targets)

    def _chunk(
        self, lesson: Lesson, rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        start = int(rng.integers(0, len(lesson.frames) - self._n_frames + 1))
        nearest = round(start * self._frame_s / HOP_S)
        return (
            lesson.frames[start : start + self._n_frames],
            lesson.targets[min(nearest, len(lesson.targets) - 1)],
        )


def prepare_lessons(
    sounds: Sequence[Sound],
    embeddings: Embeddings,
    spec: FeatureSpec,
    n_targets: int,
) -> Lessons:
    """Join recordings with what others make of them.

    Parameters
    ----------
    sounds : sequence of Sound
    n_targets : int
        Principal components to keep, of each tagger.

    Raises
    ------
    ConfigError
        If a recording was not embedded.
    """
    rows = [embeddings.of(sound.source.name) for sound in sounds]
    told = []
    for tagger in TAGGERS:
        mean, projection = fit_projection(
            np.concatenate([row[tagger] for row in rows]), n_targets
        )
        told.append([project(row[tagger], mean, projection) for row in rows])
    lessons = [
        Lesson(sound.frames, np.concatenate(targets, axis=1))
        for sound, *targets in zip(sounds, *told, strict=True)
    ]
    return Lessons(lessons, spec)


def project(
    embeddings: NDArray[np.float16],
    mean: NDArray[np.float32],
    projection: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return what is learned of embeddings, shape (n, n_targets)."""
    return np.asarray((embeddings - mean) @ projection, np.float32)


def fit_projection(
    embeddings: NDArray[np.float16], n_targets: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit the half-whitened principal components, scaled to a mean variance of one.

    Parameters
    ----------
    embeddings : ndarray, shape (n, d)

    Returns
    -------
    mean : ndarray, shape (d,)
    projection : ndarray, shape (d, n_targets)
    """
    values = embeddings.astype(np.float32)
    mean = values.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov((values - mean).T))
    order = np.argsort(variances)[::-1][:n_targets]
    spread = np.sqrt(np.maximum(variances[order], _LEAST_SPREAD))
    projection = axes[:, order] / np.sqrt(spread * spread.mean())
    return mean, projection.astype(np.float32)
