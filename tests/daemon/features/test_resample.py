"""Resampling: the right pitch, no seams, nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.features.resample import Resampler, downmix


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000, 96_000])
def test_keeps_pitch_level_and_duration(rate: int) -> None:
    t = np.arange(2 * rate) / rate
    y = np.sin(2 * np.pi * 1_000 * t).astype(np.float32)
    out = Resampler(rate, 22_050).push(y, last=True)
    assert abs(out.size - 2 * 22_050) <= 2
    spectrum = np.abs(np.fft.rfft(out[:22_050] * np.hanning(22_050)))
    assert np.argmax(spectrum) == 1_000
    assert np.sqrt(np.mean(out[2_000:-2_000] ** 2)) == pytest.approx(0.7071, rel=1e-3)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=12))
def test_any_chunking_gives_identical_samples(lengths: list[int]) -> None:
    y = np.random.default_rng(440).standard_normal(sum(lengths) + 1).astype(np.float32)
    whole = Resampler(48_000, 22_050).push(y, last=True)
    stage = Resampler(48_000, 22_050)
    pieces = [stage.push(piece) for piece in np.split(y, np.cumsum(lengths))]
    pieces.append(stage.push(np.empty(0, np.float32), last=True))
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_equal_rates_pass_untouched(rng: np.random.Generator) -> None:
    y = rng.standard_normal(100).astype(np.float32)
    assert Resampler(22_050, 22_050).push(y) is y


def test_reset_forgets_what_was_held_back() -> None:
    stage = Resampler(44_100, 22_050)
    stage.push(np.ones(1_000, np.float32))
    stage.reset()
    assert not stage.push(np.zeros(44_100, np.float32)).any()


def test_channels_are_averaged() -> None:
    block = np.array([[1.0, 0.0], [0.5, -0.5]], np.float32)
    np.testing.assert_array_equal(downmix(block), [0.5, 0.0])
    np.testing.assert_array_equal(downmix(block[:, :1]), [1.0, 0.5])
    np.testing.assert_array_equal(downmix(block[:, 0]), [1.0, 0.5])
