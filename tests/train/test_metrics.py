"""Figures, against scipy where it knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest  # type: ignore[import-untyped] # has no stubs

from genre_train.metrics import (
    Share,
    accuracy,
    as_table,
    calibration_error,
    confusion,
    least_calibration_error,
    log_loss,
    recalls,
    reliability,
    risk_coverage,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCORES = np.array([[2, 1, 0], [0, 3, 1], [5, 0, 0], [0, 0, 1]], np.float32)
GENRE = np.array([0, 1, 2, 2])


@pytest.mark.parametrize(("hits", "n"), [(123, 197), (0, 10), (10, 10), (1, 1)])
def test_the_interval_is_wilsons(hits: int, n: int) -> None:
    oracle = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert Share(hits, n).interval == pytest.approx((oracle.low, oracle.high))


@given(n=st.integers(1, 2000), data=st.data())
def test_the_interval_holds_the_value(n: int, data: st.DataObject) -> None:
    figure = Share(data.draw(st.integers(0, n)), n)
    low, high = figure.interval
    assert 0 <= low <= figure.value + 1e-12
    assert figure.value - 1e-12 <= high <= 1


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (3, 2), (-1, 4)])
def test_impossible_counts_are_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="0 <= hits <= n"):
        Share(hits, n)


def test_a_share_is_written_with_n_and_interval() -> None:
    assert str(Share(123, 197)) == "0.624 (n=197, 95 % 0.555 to 0.689)"
    assert Share(123, 197).to_json() == {
        "value": 0.6244,
        "n": 197,
        "low": 0.555,
        "high": 0.689,
    }


def test_accuracy_confusion_and_recall_agree() -> None:
    matrix = confusion(SCORES, GENRE)
    assert matrix.tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    assert accuracy(SCORES, GENRE) == Share(int(np.trace(matrix)), 4)
    assert recalls(matrix, "abc") == {"a": 1.0, "b": 1.0, "c": 0.5}


def test_a_genre_that_was_never_said_has_no_recall() -> None:
    assert set(recalls(confusion(SCORES, np.array([0, 0, 2, 2])), "abc")) == {"a", "c"}


def test_the_table_names_rows_and_columns() -> None:
    table = as_table(confusion(SCORES, GENRE), ["blues", "jazz", "classical"])
    assert table.splitlines()[0].split() == ["blues", "jazz", "class"]
    assert table.splitlines()[3].split() == ["classical", "1", "0", "1"]


def test_log_loss_is_that_of_the_genre_said() -> None:
    probabilities = np.array([[0.5, 0.5], [0.9, 0.1]], np.float32)
    expected = -(np.log(0.5) + np.log(0.1)) / 2
    assert log_loss(probabilities, np.array([0, 1])) == pytest.approx(
        expected, rel=1e-5
    )


def test_confidence_that_is_kept_has_no_calibration_error() -> None:
    probabilities = np.tile(np.array([[0.75, 0.25]], np.float32), (8, 1))
    kept = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    for genre, error in ((kept, 0.0), (1 - kept, 0.5), (0 * kept, 0.25)):
        assert calibration_error(probabilities, genre) == pytest.approx(error, abs=1e-6)


def named(confidence: NDArray[np.float64]) -> NDArray[np.float32]:
    """Probabilities of two labels, of which the first is always named."""
    return np.stack([confidence, 1 - confidence], axis=1).astype(np.float32)


def test_bins_hold_as_many_windows_each_and_lose_none(
    rng: np.random.Generator,
) -> None:
    bins = reliability(named(rng.uniform(0.5, 1.0, 1501)), np.zeros(1501, np.int64))
    assert len(bins) == 15
    assert sum(one.n for one in bins) == 1501
    assert {one.n for one in bins} <= {100, 101}
    assert [one.confidence for one in bins] == sorted(one.confidence for one in bins)


def test_equal_confidences_stay_in_one_bin() -> None:
    bins = reliability(named(np.repeat([0.6, 0.9], 50)), np.zeros(100, np.int64))
    assert [one.n for one in bins] == [50, 50]


def test_even_perfect_confidence_shows_an_error_on_few_windows(
    rng: np.random.Generator,
) -> None:
    for n in (200, 20_000):
        confidence = rng.uniform(0.5, 1.0, n)
        genre = (rng.random(n) > confidence).astype(np.int64)
        least = least_calibration_error(named(confidence))
        assert calibration_error(named(confidence), genre) == pytest.approx(
            least, rel=0.5
        )
        assert (least > 0.05) == (n == 200)


def test_the_surest_are_wrong_least() -> None:
    confidence = np.linspace(0.99, 0.5, 100)
    genre = (np.arange(100) >= 50).astype(np.int64)  # the surer half is right
    curve = risk_coverage(named(confidence), genre)
    risks = {point["coverage"]: point["risk"] for point in curve}
    assert risks[0.5] == 0
    assert risks[1.0] == 0.5
    assert curve[-1]["threshold"] == 0.5
    assert [point["n"] for point in curve] == [10, 25, 50, 60, 70, 80, 90, 100]
