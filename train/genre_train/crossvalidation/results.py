"""Figures of all folds together: every track judged by networks that never heard it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.probabilities import softmax
from genre_train.crossvalidation.repeating import PATCH
from genre_train.heldout import HeldOut, load_held_out
from genre_train.metrics import (
    accuracy,
    calibration_error,
    confusion,
    least_calibration_error,
    log_loss,
    recalls,
)
from genre_train.systems.scoring import Predictions, by_tracks, per_genre, share_right
from genre_train.temperature import fit_temperature

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.crossvalidation.recipe import Recipe


def gather(folders: Sequence[Path], recipe: Recipe) -> dict[str, Any]:
    """Return the figures of folds that are done.

    Parameters
    ----------
    folders : sequence of Path
        Of the folds.

    Returns
    -------
    dict
        ``patch``: what :func:`figures` returns, and the number of ``frames`` of a
        window before it was looped to a patch.
    """
    told = figures(read_folds(folders, recipe.labels), recipe.labels)
    return {PATCH: {"frames": recipe.window_frames, **told}}


def figures(folds: Sequence[HeldOut], labels: Sequence[str]) -> dict[str, Any]:
    """Return all figures of several folds.

    Returns
    -------
    dict
        What :func:`shares` returns; ``accuracy_of_folds``; ``confusion`` (row said,
        column named); uncalibrated ``log_loss``, ``calibration_error`` and the same
        ``by_chance``; and ``calibrated``: the ``temperatures`` of the folds, each
        fitted on the others, and the same figures with them.
    """
    whole = joined(folds)
    return {
        **shares(folds, labels),
        "accuracy_of_folds": [_accuracy(fold, labels) for fold in folds],
        "confusion": confusion(whole.logits, whole.genre).tolist(),
        **_confidence(softmax(whole.logits), whole.genre),
        "calibrated": _calibrated(folds),
    }


def shares(folds: Sequence[HeldOut], labels: Sequence[str]) -> dict[str, Any]:
    """Return how much is named rightly in several folds together.

    Parameters
    ----------
    folds : sequence of HeldOut
        Those of several seeds may be among them: a track then counts once a seed, and
        the intervals know that it is the same track.

    Returns
    -------
    dict
        ``accuracy`` and ``macro_recall`` (value, n and 95 % interval each), ``recall``
        and ``windows`` a genre.
    """
    whole = joined(folds)
    matrix = confusion(whole.logits, whole.genre)
    windows = dict(zip(labels, matrix.sum(axis=1).tolist(), strict=True))
    return {
        "accuracy": _accuracy(whole, labels),
        "macro_recall": by_tracks(_predictions(whole, labels), _macro_recall).to_json(),
        "recall": recalls(matrix, labels),
        "windows": {label: n for label, n in windows.items() if n},
    }


def read_folds(folders: Sequence[Path], labels: Sequence[str]) -> list[HeldOut]:
    """Read what was said of the held-out windows of folds.

    Raises
    ------
    ConfigError
        If a fold is not done, or is about other labels.
    """
    return [load_held_out(folder / f"{PATCH}.npz", labels) for folder in folders]


def joined(folds: Sequence[HeldOut], told: str = "") -> HeldOut:
    """Return all windows of several folds, in their order."""
    return HeldOut(
        np.concatenate([fold.logits for fold in folds]),
        np.concatenate([fold.genre for fold in folds]),
        np.concatenate([fold.track for fold in folds]),
        told,
    )


def training_seconds(run: Path) -> float:
    """Return how long a run was trained, by the clock."""
    with (run / "history.csv").open(newline="") as file:
        return max((float(row["seconds"]) for row in csv.DictReader(file)), default=0.0)


def _accuracy(held: HeldOut, labels: Sequence[str]) -> dict[str, Any]:
    """Wilson's interval, or that of whole tracks where one has several windows."""
    if len(np.unique(held.track)) == len(held.track):
        return accuracy(held.logits, held.genre).to_json()
    return by_tracks(_predictions(held, labels), share_right).to_json()


def _predictions(held: HeldOut, labels: Sequence[str]) -> Predictions:
    return Predictions(tuple(labels), softmax(held.logits), held.genre, held.track)


def _macro_recall(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean recall over the genres that are in the matrix, shape (...)."""
    there = matrix.sum(axis=-1) > 0
    recall = np.where(there, per_genre(matrix)[..., 1], 0.0)
    return np.asarray(recall.sum(axis=-1) / there.sum(axis=-1))


def _calibrated(folds: Sequence[HeldOut]) -> dict[str, Any]:
    """Give each fold the temperature that suits the others."""
    temperatures, probabilities = [], []
    for fold in folds:
        others = joined([other for other in folds if other is not fold] or folds)
        temperatures.append(fit_temperature(others.logits, others.genre))
        probabilities.append(softmax(fold.logits, temperatures[-1]))
    genre = np.concatenate([fold.genre for fold in folds])
    told = _confidence(np.concatenate(probabilities), genre)
    return {"temperatures": temperatures, **told}


def _confidence(
    probabilities: NDArray[np.float32], genre: NDArray[np.int64]
) -> dict[str, float]:
    return {
        "log_loss": round(log_loss(probabilities, genre), 4),
        "calibration_error": round(calibration_error(probabilities, genre), 4),
        "by_chance": round(least_calibration_error(probabilities), 4),
    }
