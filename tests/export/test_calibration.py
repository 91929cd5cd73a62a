"""Temperature and threshold, on logits whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.probabilities import softmax
from genre_export.calibration import (
    RIGHT_WHEN_NAMED,
    cross_fitted,
    fit_calibration,
    fit_threshold,
)
from genre_train.heldout import HeldOut
from genre_train.metrics import calibration_error

if TYPE_CHECKING:
    from numpy.typing import NDArray


def honest(
    rng: np.random.Generator, n: int = 4000, spread: float = 1.5
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draw logits, and genres with the very probabilities that the logits give."""
    logits = (spread * rng.normal(size=(n, 5))).astype(np.float32)
    steps = softmax(logits).cumsum(axis=1)
    genre = (rng.uniform(size=(n, 1)) > steps).sum(axis=1)
    return logits, np.minimum(genre, 4)


@pytest.mark.parametrize("exaggerated", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_exaggeration(
    rng: np.random.Generator, exaggerated: float
) -> None:
    logits, genre = honest(rng)
    found = fit_calibration(np.float32(exaggerated) * logits, genre)
    assert found.temperature == pytest.approx(exaggerated, rel=0.1)


def test_confidence_is_the_probability_of_being_right(
    rng: np.random.Generator,
) -> None:
    logits, genre = honest(rng)
    loud = 4 * logits
    found = fit_calibration(loud, genre)
    assert calibration_error(softmax(loud), genre) > 0.15
    assert calibration_error(softmax(loud, found.temperature), genre) < 0.03


def test_enough_is_right_above_the_threshold_and_no_more_than_needed(
    rng: np.random.Generator,
) -> None:
    logits, genre = honest(rng)
    probabilities = softmax(logits)
    threshold = fit_threshold(probabilities, genre)
    named = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == genre
    assert right.mean() < RIGHT_WHEN_NAMED
    assert right[named].mean() == pytest.approx(RIGHT_WHEN_NAMED, abs=0.01)


def test_a_model_that_is_always_right_still_doubts_twice_chance() -> None:
    barely = np.full((100, 10), 0.0989, np.float32)
    barely[:, 3] = 0.11
    assert fit_threshold(barely, np.full(100, 3)) == pytest.approx(0.2)


def test_a_model_that_is_always_wrong_may_still_speak_when_sure() -> None:
    probabilities = np.tile(np.array([[0.9, 0.05, 0.05]], np.float32), (50, 1))
    assert fit_threshold(probabilities, np.ones(50, np.int64)) == 0.6


def test_the_threshold_is_about_genres_and_not_about_no_music(
    rng: np.random.Generator,
) -> None:
    """That class is said without a threshold, so how sure it is must not matter."""
    logits, genre = honest(rng)
    sure = np.zeros((4000, 5), np.float32)
    sure[:, 4] = 9.0
    both = np.concatenate((logits, sure)), np.concatenate((genre, np.full(4000, 4)))
    musical = logits.argmax(axis=1) != 4
    expected = fit_calibration(logits[musical], genre[musical]).threshold
    # Pooled with 4000 easy windows the temperature differs a little.
    assert fit_calibration(*both, no_music=4).threshold == pytest.approx(
        expected, abs=0.05
    )
    assert fit_calibration(*both).threshold < expected - 0.1


def test_cross_fitting_undoes_exaggeration_on_windows_it_never_saw(
    rng: np.random.Generator,
) -> None:
    logits, genre = honest(rng)
    tracks = np.array([f"track {i // 4}" for i in range(len(genre))])
    held = HeldOut(4 * logits, genre, tracks, "made up")
    probabilities, threshold = cross_fitted(held)
    assert calibration_error(probabilities, genre) < 0.03
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert len(np.unique(threshold)) <= 5
    by_track = threshold.reshape(-1, 4)
    assert (by_track == by_track[:, :1]).all()


def test_cross_fitting_does_not_flatter_where_nothing_can_be_learned(
    rng: np.random.Generator,
) -> None:
    """Fitted on the same few windows, a temperature follows their noise."""
    flattered, honestly = [], []
    for _ in range(20):
        logits, genre = honest(rng, n=60)
        held = HeldOut(logits, genre, np.arange(60).astype(str), "made up")
        own = softmax(logits, fit_calibration(logits, genre).temperature)
        flattered.append(-np.log(own[np.arange(60), genre]).mean())
        other, _ = cross_fitted(held)
        honestly.append(-np.log(other[np.arange(60), genre]).mean())
    assert np.mean(flattered) < np.mean(honestly)
