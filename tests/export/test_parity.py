"""What counts as the same network."""

from __future__ import annotations

import numpy as np
import pytest

from genre_export.parity import Parity, ParityError, compare
from genre_train.metrics import Share


def parity(*, agree: int = 100, right: int = 60) -> Parity:
    return Parity(Share(60, 100), Share(right, 100), Share(agree, 100), 0.05)


def test_equal_logits_are_in_perfect_agreement(rng: np.random.Generator) -> None:
    logits = rng.normal(size=(50, 10)).astype(np.float32)
    genre = rng.integers(0, 10, 50)
    found = compare(logits, logits, genre, 1.0)
    assert found.agreement == Share(50, 50)
    assert found.float_accuracy == found.int8_accuracy
    assert found.max_dp == 0
    found.require()


def test_each_difference_is_counted() -> None:
    floats = np.array([[2, 0], [0, 2], [3, 0], [0, 1]], np.float32)
    int8 = np.array([[2, 0], [0, 2], [3, 0], [1, 0]], np.float32)
    found = compare(floats, int8, np.array([0, 1, 1, 1]), 1.0)
    assert found.agreement == Share(3, 4)
    assert (found.float_accuracy, found.int8_accuracy) == (Share(3, 4), Share(2, 4))
    assert found.max_dp == pytest.approx(2 / (1 + np.exp(-1)) - 1, abs=1e-6)


def test_the_temperature_softens_the_distance() -> None:
    floats, int8 = np.array([[2, 0]], np.float32), np.array([[0, 2]], np.float32)
    cold = compare(floats, int8, np.array([0]), 0.5).max_dp
    assert compare(floats, int8, np.array([0]), 5.0).max_dp < cold


@pytest.mark.parametrize("agree", [98, 100])
def test_98_percent_agreement_is_enough(agree: int) -> None:
    parity(agree=agree).require()


def test_less_agreement_is_refused() -> None:
    with pytest.raises(ParityError, match=r"97\.0% of 100 patches.*98% are needed"):
        parity(agree=97).require()


def test_a_point_may_be_lost_and_not_two() -> None:
    parity(right=59).require()
    with pytest.raises(ParityError, match=r"costs 2\.0 points of accuracy, at most 1"):
        parity(right=58).require()


def test_the_comparison_is_told_with_n_and_intervals() -> None:
    text = parity(agree=99, right=61).render()
    assert "99 of 100 patches (99.0%)" in text
    assert "float        accuracy 0.600 (n=100, 95 % 0.502 to 0.691)" in text
    assert "int8         accuracy 0.610" in text
    assert "max |dp|     0.050" in text


def test_what_is_no_genre_counts_for_agreement_only() -> None:
    floats = np.array([[2, 0, 0], [0, 0, 2]], np.float32)
    int8 = np.array([[2, 0, 0], [0, 1, 0]], np.float32)
    found = compare(floats, int8, np.array([0, 2]), 1.0, no_music=2)
    assert found.float_accuracy == found.int8_accuracy == Share(1, 1)
    assert found.agreement == Share(1, 2)
