"""Recordings with YAMNet's embeddings, as windows to learn from before any genre.

Conventions
-----------
An embedding of a window is the mean of those that lie in it. Targets are its principal
components over the recordings at hand, each divided by the square root of its standard
deviation: half way between the embedding as it is, of which a few directions are
nearly all, and a whitened one, in which noise counts as much as music.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_train.progress import progress
from genre_train.yamnet import HOP_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.nomusic import Sound
    from genre_train.yamnet import Yamnet

_WINDOW_S = 0.975
_LEAST_SPREAD = 1e-6


@dataclass(frozen=True)
class Lesson:
    """One recording."""

    frames: NDArray[np.float32]
    """Shape (n, n_mels), decibels; at least as long as a window."""
    targets: NDArray[np.float32]
    """Shape (m, n_targets), one every ``HOP_S``."""


class Lessons:
    """Windows drawn at random from recordings, with what is to be said of them.

    Parameters
    ----------
    lessons : sequence of Lesson
    spec : FeatureSpec
    n_frames : int > 0
        Of a window.
    """

    def __init__(
        self, lessons: Sequence[Lesson], spec: FeatureSpec, n_frames: int
    ) -> None:
        self._lessons = [one for one in lessons if len(one.frames) >= n_frames]
        self._frame_s = spec.hop_length / spec.sample_rate
        self._n_frames = n_frames
        self.n_targets = lessons[0].targets.shape[1]

    def __len__(self) -> int:
        """Return the number of recordings."""
        return len(self._lessons)

    def draw(
        self, rng: np.random.Generator, n: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draw windows, each from another recording if there are enough.

        Returns
        -------
        levels : ndarray, shape (n, n_frames, n_mels), float32
            Decibels.
        targets : ndarray, shape (n, n_targets), float32
        """
        chosen = rng.choice(len(self._lessons), n, replace=n > len(self._lessons))
        drawn = [self._window(self._lessons[i], rng) for i in chosen]
        levels, targets = zip(*drawn, strict=True)
        return np.stack(levels), np.stack(targets)

    def _window(
        self, lesson: Lesson, rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        start = int(rng.integers(0, len(lesson.frames) - self._n_frames + 1))
        first = round(start * self._frame_s / HOP_S)
        count = round((self._n_frames * self._frame_s - _WINDOW_S) / HOP_S) + 1
        first = min(first, len(lesson.targets) - 1)
        return (
            lesson.frames[start : start + self._n_frames],
            lesson.targets[first : first + max(count, 1)].mean(axis=0),
        )


def prepare_lessons(
    sounds: Sequence[Sound],
    yamnet: Yamnet,
    spec: FeatureSpec,
    n_frames: int,
    n_targets: int,
) -> Lessons:
    """Ask YAMNet about recordings.

    Parameters
    ----------
    sounds : sequence of Sound
        Those without a file (synthetic ones) are left out.
    n_targets : int
        Principal components to keep.

    Raises
    ------
    AudioError
        If a recording cannot be decoded.
    """
    kept = [sound for sound in sounds if sound.source.path is not None]
    embeddings = []
    with progress("embeddings", len(kept)) as step:
        for sound in kept:
            assert sound.source.path is not None  # noqa: S101 - see above
            embeddings.append(yamnet.embed(sound.source.path))
            step(sound.source.name)
    mean, projection = fit_projection(np.concatenate(embeddings), n_targets)
    lessons = [
        Lesson(sound.frames, project(embedding, mean, projection))
        for sound, embedding in zip(kept, embeddings, strict=True)
    ]
    return Lessons(lessons, spec, n_frames)


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
