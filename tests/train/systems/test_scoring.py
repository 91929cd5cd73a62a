"""Figures, against scikit-learn where it knows them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from genre_train.metrics import Share
from genre_train.systems.scoring import (
    Predictions,
    by_tracks,
    figures,
    macro_f1,
    share_right,
)


def some(
    rng: np.random.Generator, n_tracks: int = 40, per_track: int = 1
) -> Predictions:
    genre = np.repeat(rng.integers(0, 3, n_tracks), per_track)
    scores = rng.random((len(genre), 3)).astype(np.float32)
    scores[np.arange(len(genre)), genre] += 0.3
    track = np.repeat([f"t{i}" for i in range(n_tracks)], per_track)
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    return Predictions(("a", "b", "c"), probabilities, genre, track)


def test_figures_of_genres_are_those_of_scikit_learn(rng: np.random.Generator) -> None:
    said = some(rng)
    named = said.probabilities.argmax(axis=1)
    found = figures(said)
    oracle = precision_recall_fscore_support(said.genre, named, zero_division=0)
    for i, row in enumerate(found["per_genre"].values()):
        expected = [round(float(column[i]), 4) for column in oracle]
        assert list(row.values()) == pytest.approx(expected)
    average = f1_score(said.genre, named, average="macro")
    assert found["macro_f1"]["value"] == pytest.approx(average, abs=1e-4)


def test_one_example_a_track_has_wilsons_interval(rng: np.random.Generator) -> None:
    said = some(rng)
    hits = int((said.probabilities.argmax(axis=1) == said.genre).sum())
    assert figures(said)["accuracy"] == Share(hits, 40).to_json()


def test_windows_of_a_track_are_not_counted_as_so_many_tracks(
    rng: np.random.Generator,
) -> None:
    once = some(rng)
    often = Predictions(
        once.labels,
        np.repeat(once.probabilities, 25, axis=0),
        np.repeat(once.genre, 25),
        np.repeat(once.track, 25),
    )
    found = figures(often)["accuracy"]
    assert found["n"] == 1000
    one = by_tracks(once, share_right)
    assert found["high"] - found["low"] == pytest.approx(one.high - one.low, abs=0.01)


def test_the_bootstrap_of_a_share_is_close_to_wilsons(rng: np.random.Generator) -> None:
    said = some(rng, 200)
    interval = by_tracks(said, share_right)
    hits = round(interval.value * 200)
    low, high = Share(hits, 200).interval
    assert interval.low == pytest.approx(low, abs=0.02)
    assert interval.high == pytest.approx(high, abs=0.02)


def test_tracks_are_scored_by_the_mean_of_their_windows() -> None:
    said = Predictions(
        ("a", "b"),
        np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6]], np.float32),
        np.array([0, 0, 0]),
        np.array(["x", "x", "x"]),
    )
    tracks = said.of_tracks()
    np.testing.assert_allclose(tracks.probabilities, [[1.7 / 3, 1.3 / 3]], rtol=1e-6)
    assert figures(said)["track_accuracy"]["value"] == 1
    assert figures(said)["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-4)


def test_a_genre_without_tracks_does_not_count() -> None:
    assert macro_f1(np.array([[2.0, 0, 0], [0, 2, 0], [0, 0, 0]])) == 1
