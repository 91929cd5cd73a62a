"""Patches: which frames, when, cut into which chunks, and standardised how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.features.patches import (
    Patch,
    Patches,
    chunks_of,
    fill_patch,
    standardise,
)
from genre_daemon.features.spec import FeatureSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

SPEC = FeatureSpec()
SMALL = FeatureSpec(patch_frames=10, chunk_frames=8, n_mels=4, hop_samples=512 * 7 // 2)


def ramp(n: int, n_mels: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Frames that each tell their own number."""
    rows = np.arange(n, dtype=np.float32)[:, None]
    return np.asarray(rows + 0.01 * np.arange(n_mels, dtype=np.float32), np.float32)


def test_first_patch_comes_with_the_first_full_window() -> None:
    patches = Patches(SPEC)
    assert list(patches.push(ramp(215, 128))) == []
    assert [patch.stop for patch in patches.push(ramp(1, 128))] == [216]


def test_patches_do_not_drift_from_the_sample_clock() -> None:
    # An hour: every patch ends within one frame of its whole second.
    hour = 3_600
    frames = np.zeros((SPEC.patch_frames + 43 * hour + 400, 1), np.float32)
    spec = FeatureSpec()
    patches = Patches(spec).push(np.repeat(frames, 128, axis=1)[:60_000])
    numbers, stops = zip(*((p.number, p.stop) for p in patches), strict=True)
    seconds = (np.array(stops) - spec.patch_frames) * spec.hop_length / spec.sample_rate
    late = np.arange(len(stops)) - seconds
    assert (late >= 0).all()
    assert (late < spec.hop_length / spec.sample_rate).all()
    assert len(stops) == 1 + (60_000 - 216) * 512 // 22_050
    assert numbers == tuple(range(len(stops)))


def kept(patches: Iterable[Patch]) -> list[Patch]:
    """Patches whose frames stay as they are: others may come over a view."""
    return [patch._replace(frames=patch.frames.copy()) for patch in patches]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=20))
def test_frames_in_any_portions_give_identical_patches(lengths: list[int]) -> None:
    frames = ramp(sum(lengths) + 3, SMALL.n_mels)
    whole = kept(Patches(SMALL).push(frames))
    stage = Patches(SMALL)
    portions = np.split(frames, np.cumsum(lengths))
    streamed = [patch for portion in portions for patch in kept(stage.push(portion))]
    assert [patch[:2] for patch in streamed] == [patch[:2] for patch in whole]
    for got, expected in zip(streamed, whole, strict=True):
        np.testing.assert_array_equal(got.frames, expected.frames)


@given(st.integers(10, 400))
def test_patch_holds_the_latest_frames_as_they_came(n: int) -> None:
    frames = ramp(n, SMALL.n_mels)
    for patch in Patches(SMALL).push(frames):
        expected = frames[patch.stop - SMALL.patch_frames : patch.stop]
        np.testing.assert_array_equal(patch.frames, expected)


def test_no_patch_spans_a_reset() -> None:
    stage = Patches(SMALL)
    list(stage.push(ramp(9, 4)))
    stage.reset()
    assert list(stage.push(ramp(9, 4))) == []
    assert stage.started is False
    assert [patch[:2] for patch in stage.push(ramp(1, 4))] == [(0, 10)]


def test_the_shipped_patch_has_four_chunks_a_second_apart() -> None:
    assert SPEC.n_chunks == 4
    assert SPEC.chunk_stops(0) == [86, 129, 172, 216]


def test_a_patch_without_shorter_chunks_is_one_itself() -> None:
    whole = FeatureSpec(chunk_frames=SPEC.patch_frames)
    assert whole.n_chunks == 1
    assert whole.chunk_stops(7) == [216]


@st.composite
def specs(draw: st.DrawFn) -> FeatureSpec:
    """Any lengths of patch, chunk and hop that go together."""
    patch_frames = draw(st.integers(8, 400))
    return FeatureSpec(
        patch_frames=patch_frames,
        chunk_frames=draw(st.integers(8, patch_frames)),
        hop_samples=draw(st.integers(64, 100_000)),
    )


@given(specs(), st.integers(0, 10**6))
def test_as_many_chunks_as_fit_lie_within_their_patch(
    spec: FeatureSpec, number: int
) -> None:
    stops = spec.chunk_stops(number)
    assert len(stops) == spec.n_chunks
    assert stops == sorted(stops)
    assert stops[-1] == spec.patch_frames
    spare = stops[0] - spec.chunk_frames  # frames before the oldest chunk
    assert spare >= 0
    # Less than a hop, of which rounding to frames may take one.
    assert (spare - 1) * spec.hop_length < spec.hop_samples


@given(specs(), st.integers(0, 10**6))
def test_neighbouring_patches_share_all_chunks_but_one(
    spec: FeatureSpec, number: int
) -> None:
    earlier, later = (
        [spec.due(one) - spec.patch_frames + stop for stop in spec.chunk_stops(one)]
        for one in (number, number + 1)
    )
    assert earlier[1:] == later[:-1]
    assert later[-1] == spec.due(number + 1)


def decibels(rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A patch of the shipped length whose levels are less than 80 dB apart."""
    return rng.uniform(-75.0, 0.0, (216, 128)).astype(np.float32)


@pytest.mark.parametrize("number", [0, 1, 15])
def test_chunks_are_cut_where_the_spec_says_and_standardised(
    rng: np.random.Generator, number: int
) -> None:
    levels = decibels(rng)
    chunks = chunks_of(levels, SPEC, number)
    for chunk, stop in zip(chunks, SPEC.chunk_stops(number), strict=True):
        assert chunk.shape == (86, 128)
        assert chunk.dtype == np.float32
        assert chunk.mean() == pytest.approx(0.0, abs=1e-5)
        assert chunk.std() == pytest.approx(1.0, abs=1e-5)
        expected = standardise(levels[stop - 86 : stop], SPEC.top_db)
        np.testing.assert_array_equal(chunk, expected)


def test_a_bang_changes_only_the_chunks_that_hold_it(
    rng: np.random.Generator,
) -> None:
    levels = decibels(rng)
    before = chunks_of(levels, SPEC)
    levels[0] += 60.0
    first, *others = chunks_of(levels, SPEC)
    assert not np.array_equal(first, before[0])
    np.testing.assert_array_equal(others, before[1:])


@settings(deadline=None, max_examples=30)
@given(gain=st.floats(0.05, 1.0), offset=st.floats(-100.0, 100.0))
def test_any_affine_image_of_the_decibels_has_the_same_chunks(
    gain: float, offset: float
) -> None:
    levels = decibels(np.random.default_rng(440))
    image = (gain * levels + offset).astype(np.float32)
    np.testing.assert_allclose(
        chunks_of(image, SPEC), chunks_of(levels, SPEC), atol=2e-5
    )


def test_a_standardised_patch_has_the_chunks_of_its_decibels(
    rng: np.random.Generator,
) -> None:
    levels = decibels(rng)
    np.testing.assert_allclose(
        chunks_of(standardise(levels, SPEC.top_db), SPEC),
        chunks_of(levels, SPEC),
        atol=1e-5,
    )


def test_standardised_patch_has_zero_mean_and_unit_variance(
    rng: np.random.Generator,
) -> None:
    patch = standardise(rng.normal(-40, 12, (216, 128)).astype(np.float32), 80.0)
    assert patch.dtype == np.float32
    assert patch.mean() == pytest.approx(0.0, abs=1e-5)
    assert patch.std() == pytest.approx(1.0, abs=1e-5)


def test_gain_and_offset_cancel(rng: np.random.Generator) -> None:
    levels = rng.normal(-40, 8, (216, 128)).astype(np.float32)
    np.testing.assert_allclose(
        standardise(levels, 80.0), standardise(levels - 30, 80.0), atol=1e-4
    )


def test_levels_far_under_the_maximum_are_clipped() -> None:
    levels = np.array([[0.0, -80.0, -100.0]], np.float32)
    patch = standardise(levels, 80.0)
    assert patch[0, 1] == patch[0, 2] < patch[0, 0]


def test_digital_silence_gives_zeros() -> None:
    flat = np.full((216, 128), -100.0, np.float32)
    np.testing.assert_array_equal(standardise(flat, 80.0), np.zeros_like(flat))


def test_short_recordings_are_looped() -> None:
    filled = fill_patch(ramp(3, 2), 7)
    np.testing.assert_array_equal(filled[:, 0], [0, 1, 2, 0, 1, 2, 0])
    with pytest.raises(ValueError, match="at least one frame, got none"):
        fill_patch(ramp(0, 2), 7)
