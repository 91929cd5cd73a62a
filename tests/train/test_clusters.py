"""Intervals of windows from few recordings, against simulation and plain counting."""

from __future__ import annotations

import numpy as np
import pytest

from genre_train.clusters import clustered_share
from genre_train.metrics import wilson


def names(recordings: int, windows: int) -> list[str]:
    return [f"r{number}" for number in range(recordings) for _ in range(windows)]


def test_windows_that_always_agree_are_worth_one_a_recording() -> None:
    hit = np.repeat(np.arange(20) % 2 == 0, 50)
    found = clustered_share(hit, names(20, 50))
    assert (found.n, found.recordings, found.value) == (1000, 20, 0.5)
    assert found.effective_n == pytest.approx(20, rel=0.06)


def test_independent_windows_are_worth_about_what_they_count(
    rng: np.random.Generator,
) -> None:
    hit = rng.random(4000) < 0.7
    assert clustered_share(hit, names(200, 20)).effective_n > 2500


@pytest.mark.parametrize("value", [True, False])
def test_where_nothing_differs_each_recording_counts_once(*, value: bool) -> None:
    found = clustered_share(np.full(500, value), names(10, 50))
    assert found.interval == wilson(float(value), 10)


def test_one_recording_is_one_observation() -> None:
    assert clustered_share(np.arange(30) < 20, names(1, 30)).effective_n == 1


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        chance = rng.beta(6.0, 4.0, size=30)
        hit = (rng.random((30, 20)) < chance[:, None]).ravel()
        low, high = clustered_share(hit, names(30, 20)).interval
        held += low <= 0.6 <= high
    assert 0.9 < held / 400 < 0.99


def test_no_windows_are_refused() -> None:
    with pytest.raises(ValueError, match="no windows"):
        clustered_share(np.empty(0, bool), [])
