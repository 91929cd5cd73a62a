"""Augmentation: what it may change, and what it may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_train.augment import (
    AugmentSettings,
    Batch,
    change_speed,
    crop,
    equalise,
    mask,
    mix_styles,
    mixup,
    regularise,
    shift_bands,
    standardise_batch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (6, 40, 32)
STEPS: dict[str, Callable[[Batch, np.random.Generator], Batch]] = {
    "crop": lambda x, rng: crop(x, rng, SHAPE[1]),
    "speed": change_speed,
    "shift": lambda x, rng: shift_bands(x, rng, 5),
    "equalise": lambda x, rng: equalise(x, rng, 0.5, 6),
    "mask time": lambda x, rng: mask(x, rng, axis=1, longest=8),
    "mask bands": lambda x, rng: mask(x, rng, axis=2, longest=8),
    "styles": lambda x, rng: mix_styles(x, rng, 0.9),
}


@pytest.fixture
def batch(rng: np.random.Generator) -> Batch:
    return standardise_batch(rng.normal(size=SHAPE).astype(np.float32))


@pytest.mark.parametrize("name", STEPS)
def test_a_step_keeps_shape_and_type_and_leaves_its_argument_alone(
    name: str, batch: Batch
) -> None:
    before = batch.copy()
    result = STEPS[name](batch, np.random.default_rng(1))
    assert result.shape == SHAPE
    assert result.dtype == np.float32
    assert np.array_equal(batch, before)
    assert not np.array_equal(result, before)


@pytest.mark.parametrize("name", STEPS)
def test_the_same_seed_gives_the_same_batch(name: str, batch: Batch) -> None:
    first = STEPS[name](batch, np.random.default_rng(3))
    assert np.array_equal(first, STEPS[name](batch, np.random.default_rng(3)))
    assert not np.array_equal(first, STEPS[name](batch, np.random.default_rng(4)))


@pytest.mark.parametrize("n_frames", [1, 17, 40, 55, 100])
def test_a_crop_begins_anywhere_in_the_loop_and_goes_on_from_there(
    rng: np.random.Generator, n_frames: int
) -> None:
    # Each frame tells its number, and each patch its own.
    numbers = np.arange(40)[None, :, None] + 100 * np.arange(6)[:, None, None]
    batch = np.broadcast_to(numbers, SHAPE).astype(np.float32)
    cropped = crop(batch, rng, n_frames)
    assert cropped.shape == (6, n_frames, 32)
    starts = cropped[:, 0, 0] % 100
    assert len(set(starts.tolist())) > 1
    for place, (patch, start) in enumerate(zip(cropped, starts, strict=True)):
        loop = 100 * place + (start + np.arange(n_frames)) % 40
        assert np.array_equal(patch, np.broadcast_to(loop[:, None], patch.shape))


def test_shifting_moves_bands_and_repeats_the_edge(rng: np.random.Generator) -> None:
    ramp = np.broadcast_to(np.arange(32, dtype=np.float32), SHAPE)
    shifted = shift_bands(ramp, rng, 4)
    moves = shifted[:, 0, 16] - 16
    assert set(moves.tolist()) <= set(range(-4, 5))
    assert len(set(moves.tolist())) > 1
    for patch, move in zip(shifted, moves, strict=True):
        assert np.array_equal(patch[0], np.clip(np.arange(32) + move, 0, 31))


def test_a_tone_control_is_the_same_in_every_frame_and_smooth(
    batch: Batch, rng: np.random.Generator
) -> None:
    curve = equalise(batch, rng, 0.5, 4) - batch
    assert np.allclose(curve, curve[:, :1], atol=1e-5)
    bends = np.abs(np.diff(curve[:, 0], n=2, axis=1)) > 1e-4
    assert bends.sum(axis=1).max() <= 2 * 2  # only near the two inner knots


@settings(max_examples=50, deadline=None)
@given(
    axis=st.sampled_from([1, 2]), longest=st.integers(0, 60), seed=st.integers(0, 99)
)
def test_a_gap_is_one_stretch_no_longer_than_asked(
    axis: int, longest: int, seed: int
) -> None:
    ones = np.ones(SHAPE, np.float32)
    masked = mask(ones, np.random.default_rng(seed), axis=axis, longest=longest)
    lines = masked[:, :, 0] if axis == 1 else masked[:, 0, :]
    for patch, line in zip(masked, lines, strict=True):
        assert (line == 0).sum() <= longest
        assert (np.diff(line) != 0).sum() <= 2
        gone = np.expand_dims(line, 2 - axis)
        assert np.array_equal(patch, np.broadcast_to(gone, patch.shape))


def test_mixing_styles_keeps_what_happens_in_each_band(
    batch: Batch, rng: np.random.Generator
) -> None:
    def shape(x: Batch) -> Batch:
        centred = x - x.mean(axis=1, keepdims=True)
        return np.asarray(centred / centred.std(axis=1, keepdims=True), np.float32)

    mixed = mix_styles(batch, rng, 1.0)
    np.testing.assert_allclose(shape(mixed), shape(batch), atol=1e-4)
    for statistic in (np.mean, np.std):
        before, after = statistic(batch, axis=1), statistic(mixed, axis=1)
        # Between those of two patches, nearer to its own.
        between = (
            np.abs(after - before)[:, None]
            <= 0.5 * np.abs(before[None] - before[:, None]) + 1e-5
        )
        assert between.all(axis=2).any(axis=1).all()
        assert not np.allclose(after, before)


def test_styles_are_mixed_as_often_as_asked(
    batch: Batch, rng: np.random.Generator
) -> None:
    many = np.tile(batch, (100, 1, 1))
    assert np.allclose(mix_styles(many, rng, 0.0), many, atol=1e-6)
    changed = ~np.isclose(mix_styles(many, rng, 0.3), many, atol=1e-6).all(axis=(1, 2))
    # A sixth meets itself and stays what it was.
    assert pytest.approx(changed.mean(), abs=0.06) == 0.3 * 5 / 6


def test_mixing_blends_inputs_and_targets_alike(rng: np.random.Generator) -> None:
    n = 16
    targets = np.eye(n, dtype=np.float32)
    # Each patch is filled with its own one-hot target, so the blend can be read back.
    batch = np.repeat(targets[:, None, :], 5, axis=1)
    mixed, wanted = mixup(batch, targets, rng, 1.0)
    assert np.allclose(mixed[:, 0], wanted)
    assert np.allclose(wanted.sum(axis=1), 1)
    assert (wanted.max(axis=1) < 1).any()
    assert np.array_equal(wanted.argmax(axis=1), np.arange(n))


def test_standardising_cancels_gain_and_offset(batch: Batch) -> None:
    again = standardise_batch(3 * batch - 20)
    assert np.allclose(again, batch, atol=1e-4)
    assert np.allclose(again.mean(axis=(1, 2)), 0, atol=1e-4)
    assert np.allclose(again.std(axis=(1, 2)), 1, atol=1e-4)
    assert not standardise_batch(np.full(SHAPE, 7, np.float32)).any()


def test_another_speed_plays_the_same_frames_in_order(
    rng: np.random.Generator,
) -> None:
    ramp = np.repeat(np.arange(40, dtype=np.float32)[None, :, None], 6, axis=0)
    played = change_speed(ramp, rng, 0.1)[:, :, 0]
    steps = np.diff(played, axis=1) % 40
    assert set(np.unique(steps)) <= {0.0, 1.0, 2.0}
    assert len({float(row.sum()) for row in played}) > 1
    assert np.array_equal(change_speed(ramp, rng, 0.0), ramp)


def test_with_everything_off_a_batch_passes_unchanged(batch: Batch) -> None:
    off = AugmentSettings(mix_styles=0.0, mixup=0.0, masks=0)
    targets = np.eye(6, dtype=np.float32)
    same, wanted = regularise(batch, targets, np.random.default_rng(0), off)
    assert np.array_equal(same, batch)
    assert np.array_equal(wanted, targets)


def test_everything_on_keeps_targets_probabilities(batch: Batch) -> None:
    targets = np.eye(6, dtype=np.float32)
    result, wanted = regularise(
        batch, targets, np.random.default_rng(0), AugmentSettings()
    )
    assert result.shape == SHAPE
    assert np.isfinite(result).all()
    assert np.allclose(wanted.sum(axis=1), 1)
