"""What may happen to sound before it is heard, put together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genre_train.augment import AugmentSettings, Batch
from genre_train.variation import on_some, raise_floor, vary

OFF = AugmentSettings(
    change_speed=0.0,
    shift_bands=0,
    equalise=0.0,
    low_pass=0.0,
    fill_top=0.0,
    raise_floor=0.0,
    mix_styles=0.0,
    mixup=0.0,
    masks=0,
)
"""Nothing happens to anything."""


@pytest.fixture
def levels(rng: np.random.Generator) -> Batch:
    return (17 * rng.normal(size=(8, 48, 128)) - 30).astype(np.float32)


def test_with_everything_off_a_window_is_only_standardised(levels: Batch) -> None:
    heard = vary(levels, np.random.default_rng(0), OFF)
    assert np.allclose(heard.mean(axis=(1, 2)), 0, atol=1e-4)
    assert np.allclose(heard.std(axis=(1, 2)), 1, atol=1e-4)
    clipped = np.maximum(levels, levels.max(axis=(1, 2), keepdims=True) - 80)
    assert np.corrcoef(heard[0].ravel(), clipped[0].ravel())[0, 1] > 0.9999


def test_gain_changes_nothing(levels: Batch) -> None:
    settings = AugmentSettings()
    one = vary(levels, np.random.default_rng(1), settings)
    louder = vary(levels + 20, np.random.default_rng(1), settings)
    assert np.allclose(one, louder, atol=2e-3)


def test_each_window_draws_for_itself(levels: Batch) -> None:
    same = np.repeat(levels[:1], 8, axis=0)
    heard = vary(same, np.random.default_rng(2), AugmentSettings())
    assert len({patch.tobytes() for patch in heard}) == 8


def test_only_some_are_changed_and_the_argument_is_not(
    levels: Batch, rng: np.random.Generator
) -> None:
    before = levels.copy()
    changed = on_some(levels, rng, 0.5, lambda batch, _: batch + 1)
    moved = (changed != levels).any(axis=(1, 2))
    assert 0 < moved.sum() < 8
    assert np.allclose(changed[moved], levels[moved] + 1)
    assert np.array_equal(levels, before)
    assert on_some(levels, rng, 0.0, lambda batch, _: batch + 1) is levels


def test_equipment_is_heard_in_the_share_that_is_asked_for(levels: Batch) -> None:
    through = replace(OFF, equipment=0.5)
    plain = vary(levels, np.random.default_rng(3), OFF)
    heard = vary(levels, np.random.default_rng(3), through)
    moved = (np.abs(heard - plain).max(axis=(1, 2))) > 0.1
    assert 0 < moved.sum() < 8


def test_a_raised_floor_leaves_what_is_above_it(
    levels: Batch, rng: np.random.Generator
) -> None:
    raised = raise_floor(levels, rng)
    under = levels.max(axis=(1, 2)) - raised.min(axis=(1, 2))
    assert (under <= 80).all()
    assert len(set(under.tolist())) > 1
    kept = raised == levels
    assert (levels[~kept] < raised[~kept]).all()
