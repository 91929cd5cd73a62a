"""The loss: what is known of a window, be it one label or only several that it may be.

References
----------
R. Jin and Z. Ghahramani, "Learning with multiple labels", NeurIPS 2002.
C. Szegedy et al., "Rethinking the inception architecture", CVPR 2016, section 7 (label
smoothing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.messages import NO_MUSIC
from genre_train.backend import load_keras

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SURE = 1.5  # a distribution sums to one, several candidates to two or more
_NOWHERE = -1e9


def known_targets(labels: Sequence[str], smoothing: float) -> NDArray[np.float32]:
    """Return the smoothed target distribution of each label, shape (n, n).

    Genres are smoothed among each other: that a piece may be of another genre does
    not make it less of a piece of music.
    """
    genres = np.array([label != NO_MUSIC for label in labels], np.float32)
    spread = np.outer(genres, genres) / max(float(genres.sum()), 1.0)
    spread += np.diag(1.0 - genres)
    sure = np.eye(len(labels), dtype=np.float32)
    return np.asarray((1.0 - smoothing) * sure + smoothing * spread, np.float32)


def is_distribution(targets: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell distributions over the labels from sets of candidates, shape (n,)."""
    return np.asarray(targets.sum(axis=-1) <= _SURE)


def any_genre(labels: Sequence[str]) -> NDArray[np.float32]:
    """Return the target of music of an unknown genre: a one for each genre."""
    return np.array([label != NO_MUSIC for label in labels], np.float32)


def crossentropy(targets: Any, logits: Any) -> Any:  # noqa: ANN401 - keras is untyped
    """Return the loss of each window, shape (n,).

    Parameters
    ----------
    targets : tensor, shape (n, n_labels)
        Each row is a distribution over the labels, or holds a one for each of several
        labels of which one is right.
    logits : tensor, shape (n, n_labels)
    """
    ops = load_keras().ops
    every = ops.logsumexp(logits, axis=-1)
    sure = every * ops.sum(targets, axis=-1) - ops.sum(targets * logits, axis=-1)
    candidates = ops.where(targets > 0, logits, _NOWHERE)
    among = every - ops.logsumexp(candidates, axis=-1)
    return ops.where(ops.sum(targets, axis=-1) > _SURE, among, sure)
