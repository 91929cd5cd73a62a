"""From logits to confidence that means something, and when to say nothing.

References
----------
C. Guo et al., "On calibration of modern neural networks", ICML 2017.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.inference.bundle import Calibration
from genre_daemon.probabilities import softmax
from genre_train.temperature import fit_temperature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_train.heldout import HeldOut

RIGHT_WHEN_NAMED = 0.7
"""Share of the held-out windows above the threshold that should be named rightly."""

_HIGHEST_THRESHOLD = 0.6
_FOLDS = 5


def fit_calibration(
    logits: NDArray[np.float32],
    genre: NDArray[np.int64],
    no_music: int | None = None,
) -> Calibration:
    """Fit temperature and threshold on held-out logits.

    Parameters
    ----------
    logits : ndarray, shape (n, n_labels), float32
        Of windows that the network was not trained on.
    genre : ndarray, shape (n,)
    no_music : int, optional
        Label that is said without a threshold; the threshold is fitted on the others.

    Notes
    -----
    The temperature is the one with the lowest log loss; which name comes first does
    not depend on it. Figures of confidence on the same windows flatter: see
    :func:`cross_fitted`.
    """
    temperature = fit_temperature(logits, genre)
    probabilities = softmax(logits, temperature)
    musical = probabilities.argmax(axis=1) != (-1 if no_music is None else no_music)
    threshold = fit_threshold(probabilities[musical], genre[musical])
    return Calibration(temperature, threshold)


def cross_fitted(
    held: HeldOut, no_music: int | None = None, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return confidence as music that the calibration never saw would get it.

    The tracks are dealt to five folds; each fold is calibrated by what was fitted on
    the other four.

    Returns
    -------
    probabilities : ndarray, shape (n, n_labels)
    threshold : ndarray, shape (n,)
        The one that holds for each window.
    """
    tracks, owner = np.unique(held.track, return_inverse=True)
    folds = min(_FOLDS, len(tracks))
    fold = (np.random.default_rng(seed).permutation(len(tracks)) % folds)[owner]
    probabilities = np.empty_like(held.logits)
    threshold = np.empty(len(held.genre))
    for number in range(folds):
        inside = fold == number
        fitted = fit_calibration(held.logits[~inside], held.genre[~inside], no_music)
        probabilities[inside] = softmax(held.logits[inside], fitted.temperature)
        threshold[inside] = fitted.threshold
    return probabilities, threshold


def fit_threshold(
    probabilities: NDArray[np.float32], genre: NDArray[np.int64]
) -> float:
    """Return the lowest confidence above which enough is named rightly.

    At least twice what chance would give, so that a model that is always right still
    doubts what looks like nothing it knows; at most 0.6, so that a poor model still
    says something.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == genre
    order = np.argsort(-confidence)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= RIGHT_WHEN_NAMED)
    wanted = float(confidence[order[enough[-1]]]) if enough.size else 1.0
    lowest = min(2.0 / probabilities.shape[1], _HIGHEST_THRESHOLD)
    return float(round(min(max(wanted, lowest), _HIGHEST_THRESHOLD), 3))
