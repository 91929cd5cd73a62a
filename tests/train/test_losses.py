"""The loss: distributions, sets of candidates, and what smoothing may not do."""

from __future__ import annotations

import numpy as np
import pytest

from genre_train.losses import any_genre, crossentropy, known_targets

LABELS = ("blues", "jazz", "rock", "no_music")


def log_softmax(logits: np.ndarray) -> np.ndarray:
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))


def test_smoothing_stays_among_genres() -> None:
    targets = known_targets(LABELS, 0.3)
    assert np.allclose(targets.sum(axis=1), 1)
    assert targets[0] == pytest.approx([0.8, 0.1, 0.1, 0.0])
    assert targets[3] == pytest.approx([0.0, 0.0, 0.0, 1.0])


def test_without_a_no_music_label_all_are_smoothed() -> None:
    assert known_targets(("a", "b"), 0.2) == pytest.approx(
        np.array([[0.9, 0.1], [0.1, 0.9]])
    )


@pytest.mark.slow
def test_of_a_known_label_it_is_the_cross_entropy(rng: np.random.Generator) -> None:
    logits = rng.normal(size=(5, 4)).astype(np.float32)
    targets = known_targets(LABELS, 0.1)[[0, 1, 2, 3, 0]]
    wanted = -(targets * log_softmax(logits)).sum(axis=1)
    assert np.asarray(crossentropy(targets, logits)) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.slow
def test_of_candidates_only_their_sum_counts(rng: np.random.Generator) -> None:
    logits = rng.normal(size=(5, 4)).astype(np.float32)
    targets = np.tile(any_genre(LABELS), (5, 1))
    inside = np.exp(log_softmax(logits))[:, :3].sum(axis=1)
    found = np.asarray(crossentropy(targets, logits))
    assert found == pytest.approx(-np.log(inside), abs=1e-5)
    swapped = np.asarray(crossentropy(targets, logits[:, [2, 0, 1, 3]]))
    assert swapped == pytest.approx(found, abs=1e-5)
