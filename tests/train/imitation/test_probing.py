"""The classifier upon an imitation: a regression that also learns from opinions."""

from __future__ import annotations

import numpy as np
import pytest

from genre_daemon.probabilities import softmax
from genre_train.imitation.probing import Examples, learn

N = 300


@pytest.fixture
def labelled(rng: np.random.Generator) -> tuple[Examples, np.ndarray]:
    """Three labels, each with a feature that tells it, on very different scales."""
    label = rng.integers(3, size=N)
    features = rng.normal(size=(N, 5))
    features[np.arange(N), label] += 4.0
    features = features * [1.0, 100.0, 0.01, 1.0, 1.0] + [0.0, 500.0, 0.0, -3.0, 0.0]
    targets = np.eye(3, dtype=np.float32)[label]
    return Examples.of(features.astype(np.float32), targets, N, 1.0), label


def test_labels_are_told_by_the_features_as_they_are(
    labelled: tuple[Examples, np.ndarray],
) -> None:
    examples, label = labelled
    told = learn(examples)
    logits = examples.features @ told.kernel + told.bias
    assert (logits.argmax(axis=1) == label).mean() > 0.95


def test_of_two_labels_both_are_told() -> None:
    features = np.repeat(np.eye(2, dtype=np.float32), 50, axis=0)
    told = learn(Examples.of(features, features, 100, 1.0))
    logits = np.eye(2, dtype=np.float32) @ told.kernel + told.bias
    assert logits.argmax(axis=1).tolist() == [0, 1]


def test_opinions_are_given_back_as_probabilities() -> None:
    features = np.repeat(np.eye(2, dtype=np.float32), 200, axis=0)
    targets = np.repeat(
        np.array([[0.7, 0.3, 0.0], [0.1, 0.3, 0.6]], np.float32), 200, axis=0
    )
    told = learn(Examples.of(features, targets, 400, 1.0))
    said = softmax(np.eye(2, dtype=np.float32) @ told.kernel + told.bias)
    np.testing.assert_allclose(said, [[0.7, 0.3, 0.0], [0.1, 0.3, 0.6]], atol=0.03)


def test_an_example_counts_by_its_weight() -> None:
    features = np.zeros((200, 1), np.float32)
    few = Examples.of(features[:10], np.tile([[1.0, 0.0]], (10, 1)), 100, 3.0)
    many = Examples.of(features[:190], np.tile([[0.0, 1.0]], (190, 1)), 100, 1.0)
    assert few.weight.sum() == pytest.approx(300)
    told = learn(Examples.joined([few, many]))
    np.testing.assert_allclose(softmax(told.bias[None])[0], [0.75, 0.25], atol=0.01)


def test_a_label_without_examples_is_never_named(
    labelled: tuple[Examples, np.ndarray],
) -> None:
    examples, _ = labelled
    wider = np.pad(examples.targets, ((0, 0), (1, 0)))
    told = learn(Examples(examples.features, wider, examples.weight))
    logits = examples.features @ told.kernel + told.bias
    assert told.kernel.shape == (5, 4)
    assert (logits.argmax(axis=1) > 0).all()


def test_a_feature_that_never_changes_does_not_upset_it(
    labelled: tuple[Examples, np.ndarray],
) -> None:
    examples, label = labelled
    constant = np.full((N, 1), 7.0, np.float32)
    features = np.hstack([examples.features, constant])
    told = learn(Examples(features, examples.targets, examples.weight))
    assert np.isfinite(told.kernel).all()
    logits = features @ told.kernel + told.bias
    assert (logits.argmax(axis=1) == label).mean() > 0.95
