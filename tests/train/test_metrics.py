"""Figures, against scipy where it knows them."""

from __future__ import annotations

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
    log_loss,
    recalls,
)

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
