"""Noise among frames: against the same noise among samples."""

from __future__ import annotations

import numpy as np
import pytest
from tests.train.songs import RATE, song

from genre_daemon.features.spec import FeatureSpec
from genre_train.channel import add_noise
from genre_train.melnoise import (
    add_at_snr,
    add_powers,
    band_power,
    flicker,
    texture,
    total_power,
)
from genre_train.noises import coloured
from genre_train.samples import frames_of

SPEC = FeatureSpec()


def test_equal_powers_add_three_decibels() -> None:
    level = np.full((1, 2, 3), -20.0, np.float32)
    np.testing.assert_allclose(add_powers(level, level), -16.99, atol=0.01)


def test_what_is_far_below_adds_nothing() -> None:
    loud, faint = (np.full((1, 2, 3), x, np.float32) for x in (0.0, -100.0))
    np.testing.assert_allclose(add_powers(loud, faint), 0.0, atol=1e-4)


def test_the_texture_flickers_as_real_noise_does(rng: np.random.Generator) -> None:
    noise = frames_of(coloured(rng, 20 * RATE, RATE, 0.0), SPEC)
    np.testing.assert_allclose(texture(SPEC).std(axis=0), noise.std(axis=0), rtol=0.2)
    np.testing.assert_allclose(band_power(texture(SPEC)[None]), 0.0, atol=1e-3)


def test_each_window_flickers_by_itself(rng: np.random.Generator) -> None:
    first, second = flicker(rng, 2, 50)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.1


def test_total_power_is_that_of_the_samples(rng: np.random.Generator) -> None:
    """But for one constant: what the analysis window and the filters multiply by."""
    sounds = [
        coloured(rng, 5 * RATE, RATE, 0.0),
        0.01 * coloured(rng, 5 * RATE, RATE, 3.0),
        song("bells", rng, 5),
    ]
    constants = [
        total_power(frames_of(sound, SPEC)[None])[0]
        - 10 * np.log10(np.mean(np.square(sound)))
        for sound in sounds
    ]
    assert np.ptp(constants) < 1.0


def test_the_ratio_is_that_of_the_samples(rng: np.random.Generator) -> None:
    snr_db = 10.0
    sound, noise = song("bells", rng, 4), coloured(rng, 4 * RATE, RATE, 3.0)
    expected = frames_of(add_noise(sound, noise, snr_db), SPEC)
    found = add_at_snr(
        frames_of(sound, SPEC)[None], frames_of(noise, SPEC)[None], np.array([snr_db])
    )[0]
    # Where sound and noise are equally strong their phases decide; not on average.
    difference = band_power(found[None]) - band_power(expected[None])
    assert difference.mean() == pytest.approx(0.0, abs=0.3)
    assert np.abs(difference).max() < 2.0
