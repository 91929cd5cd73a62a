"""Ratios, intervals, and what is said of them."""

from __future__ import annotations

import pytest
from benchmarks.measure import Figure, in_turn, median, ratio
from benchmarks.rows import HEAD, Row, at_least, at_most


def test_work_is_done_in_turn_and_warmed_up() -> None:
    done: list[str] = []
    times = in_turn(
        lambda: done.append("a"), lambda: done.append("b"), repeats=3, warm_up=1
    )
    assert done == ["a", "b"] * 4
    assert times.shape == (2, 3)
    assert (times >= 0).all()


def test_a_ratio_of_what_is_slowed_alike_is_certain() -> None:
    theirs = [1.0, 9.0, 2.0, 5.0, 3.0]
    assert ratio([2 * x for x in theirs], theirs) == Figure(2.0, 2.0, 2.0, 5)


def test_an_interval_holds_the_median_and_is_narrower_than_the_range() -> None:
    values = [float(x) for x in range(101)]
    figure = median(values)
    assert 0 < figure.low < 50 == figure.value < figure.high < 100


@pytest.mark.parametrize(
    ("low", "high", "small", "large"),
    [(0.1, 0.2, "yes", "no"), (0.3, 0.6, "unsure", "unsure"), (0.6, 0.7, "no", "yes")],
)
def test_a_target_is_reached_by_the_whole_interval(
    low: float, high: float, small: str, large: str
) -> None:
    figure = Figure((low + high) / 2, low, high, 10)
    assert Row("a", "b", figure, at_most(0.5, "1/2")).reached == small
    assert Row("a", "b", figure, at_least(0.5, "1/2")).reached == large


def test_what_could_not_be_measured_says_why() -> None:
    row = Row("a", "b", None, at_most(1, "1"), note="no model")
    assert row.reached == "skipped"
    assert "no model" in row.cells()[1]
    assert len(row.cells()) == len(HEAD)
