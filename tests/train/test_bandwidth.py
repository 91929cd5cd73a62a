"""The band-width guard: what it takes away, what it adds, and what it hides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.songs import RATE, song

from genre_daemon.features.spec import FeatureSpec
from genre_train.bandwidth import (
    TOP_DB,
    as_decibels,
    centres_hz,
    clip,
    fill_top,
    low_pass,
    roll_off,
    shift_up,
    sometimes,
)
from genre_train.channel import Tone, colour
from genre_train.melnoise import band_power
from genre_train.samples import frames_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from genre_train.augment import Batch

SPEC = FeatureSpec()
GUARDS: dict[str, Callable[[Batch, np.random.Generator], Batch]] = {
    "low_pass": low_pass,
    "fill_top": fill_top,
    "shift_up": shift_up,
}


def full(rng: np.random.Generator, n: int = 40) -> Batch:
    """Windows with something in every band, the highest 20 dB under the lowest."""
    return rng.normal(np.linspace(0, -20, 128), 6.0, (n, 60, 128)).astype(np.float32)


def narrow(rng: np.random.Generator, n: int = 40) -> Batch:
    """Windows with nothing above 8 kHz, as the environmental recordings."""
    batch = full(rng, n)
    batch[:, :, centres_hz() > 8_000] = -120.0
    return clip(batch)


def top(batch: Batch) -> Batch:
    """Level of the bands above 8 kHz over the loudest moment, one number a window."""
    highest = batch.max(axis=(1, 2))
    above = band_power(batch)[:, 0, centres_hz() > 8_500].mean(axis=1)
    return np.asarray(above - highest)


@pytest.mark.parametrize("name", GUARDS)
def test_guards_are_pure_and_repeatable(rng: np.random.Generator, name: str) -> None:
    batch = narrow(rng)
    kept = batch.copy()
    first, again = (GUARDS[name](batch, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(batch, kept)
    np.testing.assert_array_equal(first, again)
    assert first.shape == batch.shape
    assert first.dtype == np.float32
    assert np.abs(first - batch).max() > 1


@pytest.mark.parametrize("name", ["low_pass", "fill_top"])
def test_nothing_is_emptier_than_the_clip(rng: np.random.Generator, name: str) -> None:
    changed = GUARDS[name](full(rng), rng)
    assert np.ptp(changed, axis=(1, 2)).max() <= TOP_DB + 1e-3


def test_low_passed_music_has_the_empty_top_of_a_narrow_recording(
    rng: np.random.Generator,
) -> None:
    assert top(full(rng)).min() > -45
    assert np.mean(top(low_pass(full(rng), rng)) < -50) > 0.5


def test_low_passing_leaves_what_is_below_the_cut_off(rng: np.random.Generator) -> None:
    batch = full(rng)
    below = centres_hz() < 1_900
    change = np.abs(low_pass(batch, rng) - batch)[:, :, below]
    assert np.quantile(change, 0.95) < 1.0


def test_the_low_pass_is_that_of_the_audio(rng: np.random.Generator) -> None:
    cutoff_hz, slope_db = 3_000.0, 24.0
    sound = song("drums", rng, 3)
    gains = (0.0, -slope_db * np.log2(RATE / 2 / cutoff_hz))
    filtered = colour(sound, RATE, Tone((cutoff_hz, RATE / 2), gains))
    expected = frames_of(filtered, SPEC) - frames_of(sound, SPEC)
    found = roll_off(np.array([cutoff_hz]), np.array([slope_db]))[0, 0]
    np.testing.assert_allclose(np.median(expected, axis=0), found, atol=1.0)


def test_filled_noise_has_a_top(rng: np.random.Generator) -> None:
    assert top(narrow(rng)).max() < -79
    assert np.mean(top(fill_top(narrow(rng), rng)) > -65) > 0.7


def test_shifted_up_a_recording_reaches_higher(rng: np.random.Generator) -> None:
    assert np.mean(top(shift_up(narrow(rng), rng)) > -70) > 0.4


def test_after_the_guard_the_top_no_longer_tells_music_from_noise(
    rng: np.random.Generator,
) -> None:
    """The shortcut itself: one threshold on the level of the top."""

    def guarded(batch: Batch) -> Batch:
        batch = sometimes(batch, low_pass(batch, rng), rng, 0.5)
        return sometimes(batch, fill_top(batch, rng), rng, 0.5)

    music, other = full(rng, 200), narrow(rng, 200)
    assert best_threshold(top(music), top(other)) == 1.0
    assert best_threshold(top(guarded(music)), top(guarded(other))) < 0.75


def best_threshold(music: Batch, other: Batch) -> float:
    """Return the accuracy of the best single threshold."""
    values = np.concatenate((music, other))
    right = [
        ((music >= value).sum() + (other < value).sum()) / values.size
        for value in values
    ]
    return float(max(right))


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_so_many_windows_are_changed(
    rng: np.random.Generator, probability: float
) -> None:
    batch = np.zeros((2000, 1, 1), np.float32)
    changed = sometimes(batch, batch + 1, rng, probability)
    assert changed.mean() == pytest.approx(probability, abs=0.04)


def test_standardised_patches_get_a_scale_again() -> None:
    patch = np.array([[[-1.0, 1.0]]], np.float32)
    np.testing.assert_allclose(as_decibels(patch, 20.0), [[[-20.0, 20.0]]])
