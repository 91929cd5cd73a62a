"""Opinions of several teachers, pooled in the logarithm: what one rules out is out.

References
----------
C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an
annotated bibliography", Statistical Science 1(1), 1986 (logarithmic pools).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.inference.classifier import softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OF_WINDOW = 0.4  # weight of what is said of the window, against the recording
_OF_HEAD = 0.4  # weights of YAMNet's embeddings and of its classes, against that of
_OF_CLASSES = 0.3  # the networks together
_FLOOR = 1e-3  # of a probability: no teacher is that sure
_LEAST_SCORE = 0.02  # of YAMNet, whose scores are often nought
_OFTEN = 95.0  # percentile of its scores that counts as sure


@dataclass(frozen=True)
class Said:
    """What is said of the windows of one recording."""

    by_networks: NDArray[np.float32]
    """Probabilities, shape (n_networks, n_windows, n_genres)."""
    by_head: NDArray[np.float32]
    """Those of YAMNet's embeddings, shape (n_windows, n_genres)."""


def pool(said: Said, sure: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pool what is said of the windows of one recording.

    Parameters
    ----------
    said : Said
    sure : ndarray, shape (n_genres,)
        How sure YAMNet is of each genre by its classes, in [0, 1].

    Returns
    -------
    ndarray, shape (n_windows, n_genres), float32
        Probabilities.
    """
    by_networks = np.log(np.maximum(said.by_networks, _FLOOR)).mean(axis=0)
    by_head = np.log(np.maximum(said.by_head, _FLOOR))
    of_window = by_networks + _OF_HEAD * by_head
    of_recording = of_window.mean(axis=0)
    together = _OF_WINDOW * of_window + (1.0 - _OF_WINDOW) * of_recording
    by_classes = _OF_CLASSES * np.log(np.maximum(sure, _LEAST_SCORE))
    return softmax(np.asarray(together + by_classes, np.float32))


def as_sure(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale scores to [0, 1] by genre: YAMNet is louder about some than about others.

    Parameters
    ----------
    scores : ndarray, shape (n_recordings, n_genres)
        A genre without classes has scores of nought throughout; as nothing is known
        of it, all of its recordings count as sure.
    """
    often = np.percentile(scores, _OFTEN, axis=0)
    scaled = np.minimum(scores / np.maximum(often, np.finfo(np.float32).tiny), 1.0)
    return np.asarray(np.where(often > 0, scaled, 1.0), np.float32)
