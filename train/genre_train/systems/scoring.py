"""Figures of any run, each with its n and a 95 % interval. Pure functions.

Tracks are independent of each other, windows of one track are not. So track accuracy
has a Wilson interval, and what is counted over windows, or is no share, as F1, an
interval from drawing whole tracks again.

References
----------
B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993: the percentile
interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_train.metrics import (
    accuracy,
    calibration_error,
    confusion,
    log_loss,
    recalls,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_DRAWS = 1000
_SEED = 0
_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True)
class Predictions:
    """What a network says of the held-out examples of a run."""

    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]
    """Shape (n, n_labels)."""
    genre: NDArray[np.int64]
    """Shape (n,): index into the labels."""
    track: NDArray[np.str_]
    """Shape (n,)."""
    pictures: NDArray[np.float32] | None = None
    """Spectrograms, shape (n, bands, frames), where the input is one."""

    def of_tracks(self) -> Predictions:
        """Return one prediction a track: the mean probabilities of its windows."""
        _, first, owner = np.unique(self.track, return_index=True, return_inverse=True)
        sums = np.zeros((len(first), len(self.labels)))
        np.add.at(sums, owner, self.probabilities)
        means = sums / np.bincount(owner)[:, None]
        return Predictions(
            self.labels,
            means.astype(np.float32),
            self.genre[first],
            self.track[first],
        )


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    n: int
    low: float
    high: float

    def to_json(self) -> dict[str, Any]:
        """Return value, n and interval, rounded to four decimals."""
        return {
            "value": round(self.value, 4),
            "n": self.n,
            "low": round(self.low, 4),
            "high": round(self.high, 4),
        }


def per_genre(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute precision, recall and F1 from a confusion matrix (row said).

    Parameters
    ----------
    matrix : ndarray, shape (..., n_labels, n_labels)

    Returns
    -------
    ndarray, shape (..., n_labels, 3)
        Nought where nothing was said or named.
    """
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    named, said = matrix.sum(axis=-2), matrix.sum(axis=-1)
    precision = hits / np.maximum(named, 1e-12)
    recall = hits / np.maximum(said, 1e-12)
    f1 = 2 * hits / np.maximum(named + said, 1e-12)
    return np.stack([precision, recall, f1], axis=-1)


def macro_f1(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean F1 over the genres that are in the matrix, shape (...)."""
    there = matrix.sum(axis=-1) > 0
    f1 = np.where(there, per_genre(matrix)[..., 2], 0.0).sum(axis=-1)
    return np.asarray(f1 / np.maximum(there.sum(axis=-1), 1))


def share_right(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share on the diagonal, shape (...)."""
    return np.asarray(np.trace(matrix, axis1=-2, axis2=-1) / matrix.sum(axis=(-2, -1)))


def by_tracks(
    predictions: Predictions,
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Interval:
    """Draw whole tracks again a thousand times, and take the middle 95 %.

    Parameters
    ----------
    statistic : callable
        Takes confusion matrices, shape (..., n_labels, n_labels).
    """
    _, owner = np.unique(predictions.track, return_inverse=True)
    n_tracks, n_labels = int(owner.max()) + 1, len(predictions.labels)
    cells = predictions.genre * n_labels + predictions.probabilities.argmax(axis=1)
    table = np.zeros((n_tracks, n_labels**2))
    np.add.at(table, (owner, cells), 1.0)
    rng = np.random.default_rng(_SEED)
    draws = rng.multinomial(n_tracks, np.full(n_tracks, 1 / n_tracks), size=_DRAWS)
    square = (n_labels, n_labels)
    value = float(statistic(table.sum(axis=0).reshape(square)))
    drawn = statistic((draws @ table).reshape(_DRAWS, *square))
    low, high = np.percentile(drawn, _PERCENTILES)
    return Interval(value, len(cells), float(low), float(high))


def figures(predictions: Predictions) -> dict[str, Any]:
    """Return all figures of a run as JSON.

    Returns
    -------
    dict
        ``accuracy`` of windows and ``track_accuracy``, ``macro_f1`` of tracks (each
        value, n and 95 % interval), ``log_loss`` and ``calibration_error`` of windows;
        of tracks ``per_genre`` (precision, recall, f1, support), ``recall`` and
        ``confusion`` (row said, column named).
    """
    tracks = predictions.of_tracks()
    one_each = len(tracks.genre) == len(predictions.genre)
    of_tracks = accuracy(tracks.probabilities, tracks.genre)
    matrix = confusion(tracks.probabilities, tracks.genre)
    rows = per_genre(matrix.astype(np.float64)).round(4).tolist()
    names = ("precision", "recall", "f1")
    probabilities, genre = predictions.probabilities, predictions.genre
    return {
        "accuracy": of_tracks.to_json()
        if one_each
        else by_tracks(predictions, share_right).to_json(),
        "track_accuracy": of_tracks.to_json(),
        "macro_f1": by_tracks(tracks, macro_f1).to_json(),
        "log_loss": round(log_loss(probabilities, genre), 4),
        "calibration_error": round(calibration_error(probabilities, genre), 4),
        "per_genre": {
            label: dict(zip(names, row, strict=True)) | {"support": support}
            for label, row, support in zip(
                predictions.labels, rows, matrix.sum(axis=1).tolist(), strict=True
            )
        },
        "recall": recalls(matrix, predictions.labels),
        "confusion": matrix.tolist(),
    }
