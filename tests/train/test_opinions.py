"""Opinions of several teachers, pooled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_train.opinions import Said, as_sure, pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOTHING = np.ones(2, np.float32)


def by_networks(said: NDArray[np.float32]) -> Said:
    """Return opinions with a head that knows nothing."""
    return Said(said, np.full(said.shape[1:], 1.0 / said.shape[2], np.float32))


def test_networks_that_agree_are_believed() -> None:
    said = np.tile(np.array([0.8, 0.2], np.float32), (3, 4, 1))
    assert pool(by_networks(said), NOTHING) == pytest.approx(
        np.tile([0.8, 0.2], (4, 1))
    )


def test_a_window_is_drawn_towards_its_recording() -> None:
    said = np.array([[[0.9, 0.1]] * 5 + [[0.3, 0.7]]], np.float32)
    together = pool(by_networks(said), NOTHING)
    assert together[0, 0] > together[-1, 0] > 0.5


def test_what_a_teacher_rules_out_is_out() -> None:
    said = np.array([[[0.99, 0.01]], [[0.0, 1.0]]], np.float32)
    assert pool(by_networks(said), NOTHING)[0, 0] < 0.3


def test_yamnet_shifts_what_networks_leave_open() -> None:
    said = np.full((1, 1, 2), 0.5, np.float32)
    assert pool(by_networks(said), np.array([1.0, 0.1], np.float32))[0, 0] > 0.6


def test_the_head_shifts_what_networks_leave_open() -> None:
    said = Said(np.full((1, 1, 2), 0.5, np.float32), np.array([[0.9, 0.1]], np.float32))
    assert pool(said, NOTHING)[0, 0] > 0.6


def test_opinions_are_distributions(rng: np.random.Generator) -> None:
    said = rng.dirichlet(np.ones(10), size=(2, 12)).astype(np.float32)
    head = rng.dirichlet(np.ones(10), size=12).astype(np.float32)
    pooled = pool(Said(said, head), rng.random(10, dtype=np.float32))
    assert pooled.shape == (12, 10)
    assert pooled.sum(axis=1) == pytest.approx(1.0)


def test_scores_are_judged_by_genre() -> None:
    loud, quiet = np.linspace(0, 1, 101), np.linspace(0, 0.01, 101)
    sure = as_sure(np.stack([loud, quiet, np.zeros(101)], axis=1).astype(np.float32))
    assert sure[:, 0] == pytest.approx(sure[:, 1])
    assert sure[-1, 0] == pytest.approx(1.0)
    assert (sure[:, 2] == 1.0).all()  # YAMNet has no opinion of such a genre
