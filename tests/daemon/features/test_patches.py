"""Patches: which frames, when, and standardised how."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.features.patches import Patches, fill_patch, standardise
from genre_daemon.features.spec import FeatureSpec

SPEC = FeatureSpec()
SMALL = FeatureSpec(patch_frames=10, n_mels=4, hop_samples=512 * 7 // 2)


def ramp(n: int, n_mels: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Frames that each tell their own number."""
    rows = np.arange(n, dtype=np.float32)[:, None]
    return np.asarray(rows + 0.01 * np.arange(n_mels, dtype=np.float32), np.float32)


def test_first_patch_comes_with_the_first_full_window() -> None:
    patches = Patches(SPEC)
    assert list(patches.push(ramp(215, 128))) == []
    ends = [end for end, _ in patches.push(ramp(1, 128))]
    assert ends == [216]


def test_patches_do_not_drift_from_the_sample_clock() -> None:
    # An hour: every patch ends within one frame of its whole second.
    hour = 3_600
    frames = np.zeros((SPEC.patch_frames + 43 * hour + 400, 1), np.float32)
    spec = FeatureSpec()
    patches = Patches(spec)
    ends = [end for end, _ in patches.push(np.repeat(frames, 128, axis=1)[:60_000])]
    seconds = (np.array(ends) - spec.patch_frames) * spec.hop_length / spec.sample_rate
    late = np.arange(len(ends)) - seconds
    assert (late >= 0).all()
    assert (late < spec.hop_length / spec.sample_rate).all()
    assert len(ends) == 1 + (60_000 - 216) * 512 // 22_050


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=20))
def test_any_chunking_gives_identical_patches(lengths: list[int]) -> None:
    frames = ramp(sum(lengths) + 3, SMALL.n_mels)
    whole = list(Patches(SMALL).push(frames))
    stage = Patches(SMALL)
    pieces = np.split(frames, np.cumsum(lengths))
    streamed = [patch for piece in pieces for patch in stage.push(piece)]
    assert [end for end, _ in streamed] == [end for end, _ in whole]
    for (_, got), (_, expected) in zip(streamed, whole, strict=True):
        np.testing.assert_array_equal(got, expected)


@given(st.integers(10, 400))
def test_patch_holds_the_latest_frames(n: int) -> None:
    frames = ramp(n, SMALL.n_mels)
    for end, patch in Patches(SMALL).push(frames):
        expected = standardise(frames[end - SMALL.patch_frames : end], SMALL.top_db)
        np.testing.assert_array_equal(patch, expected)


def test_no_patch_spans_a_reset() -> None:
    stage = Patches(SMALL)
    list(stage.push(ramp(9, 4)))
    stage.reset()
    assert list(stage.push(ramp(9, 4))) == []
    assert stage.started is False
    assert [end for end, _ in stage.push(ramp(1, 4))] == [10]


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
