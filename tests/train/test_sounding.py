"""Windows made to sound again: like what they were made of, and the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.features.logmel import LogMel
from genre_daemon.features.patches import standardise
from genre_daemon.features.spec import FeatureSpec
from genre_train.sounding import sound_again

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEC = FeatureSpec()


def window_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return standardise(LogMel(SPEC).push(samples), SPEC.top_db)


def rumble() -> NDArray[np.float32]:
    """Three seconds of noise that falls by 6 dB an octave."""
    noise = np.cumsum(np.random.default_rng(0).normal(size=3 * SPEC.sample_rate))
    slow = np.convolve(noise, np.ones(500) / 500, "same")
    return np.asarray((noise - slow) / np.abs(noise).max(), np.float32)


def test_a_window_sounds_like_what_it_was_made_of() -> None:
    window = window_of(rumble())
    again = window_of(sound_again(window, SPEC, SPEC.sample_rate))
    alike = np.corrcoef(again.mean(axis=0), window.mean(axis=0))[0, 1]
    assert alike > 0.9


def test_a_window_sounds_the_same_twice() -> None:
    window = window_of(rumble())
    first, second = (sound_again(window, SPEC, 16_000) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.abs(first).max() == pytest.approx(0.5)
