"""Streaming log-mel: equal to librosa, and the same however it is fed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.features.logmel import LogMel, hann
from genre_daemon.features.spec import FeatureSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEC = FeatureSpec()
SMALL = FeatureSpec(
    sample_rate=8_000, n_fft=256, hop_length=96, n_mels=24, fmax=4_000.0
)


def chirp(n: int, rate: int) -> NDArray[np.float32]:
    """A sweep from 20 Hz to the Nyquist frequency with a little noise."""
    t = np.arange(n) / rate
    sweep = np.sin(2 * np.pi * (20 * t + (rate / 2 - 20) / (2 * n / rate) * t**2))
    noise = np.random.default_rng(440).standard_normal(n)
    return np.asarray(0.5 * sweep + 1e-3 * noise, np.float32)


def test_window_is_periodic() -> None:
    np.testing.assert_allclose(hann(8), hann(8)[[0, 7, 6, 5, 4, 3, 2, 1]], atol=1e-7)
    assert hann(8)[4] == 1.0


@pytest.mark.parametrize("spec", [SPEC, SMALL])
def test_equals_librosa(spec: FeatureSpec) -> None:
    librosa = pytest.importorskip("librosa")
    y = chirp(10 * spec.sample_rate, spec.sample_rate)
    power = librosa.feature.melspectrogram(
        y=y,
        sr=spec.sample_rate,
        n_fft=spec.n_fft,
        hop_length=spec.hop_length,
        n_mels=spec.n_mels,
        fmin=spec.fmin,
        fmax=spec.fmax,
        center=False,
    )
    expected = 10 * np.log10(np.maximum(power, spec.amin)).T
    # Stated tolerance: 5 thousandths of a decibel, for an FFT in single precision.
    np.testing.assert_allclose(LogMel(spec).push(y), expected, rtol=0, atol=5e-3)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=40))
def test_any_chunking_gives_identical_frames(lengths: list[int]) -> None:
    y = chirp(sum(lengths) + 1, SMALL.sample_rate)
    stage = LogMel(SMALL)
    pieces = np.split(y, np.cumsum(lengths))
    streamed = np.concatenate([stage.push(piece) for piece in pieces])
    np.testing.assert_array_equal(streamed, LogMel(SMALL).push(y))


def test_real_spec_gives_identical_frames_in_odd_chunks() -> None:
    y = chirp(3 * SPEC.sample_rate, SPEC.sample_rate)
    stage = LogMel(SPEC)
    streamed = [stage.push(y[i : i + 997]) for i in range(0, y.size, 997)]
    np.testing.assert_array_equal(np.concatenate(streamed), LogMel(SPEC).push(y))


def test_counts_only_whole_windows() -> None:
    stage = LogMel(SPEC)
    assert stage.push(np.zeros(SPEC.n_fft - 1, np.float32)).shape == (0, SPEC.n_mels)
    assert stage.push(np.zeros(1, np.float32)).shape == (1, SPEC.n_mels)
    assert stage.push(np.zeros(511, np.float32)).shape == (0, SPEC.n_mels)
    assert stage.push(np.zeros(1, np.float32)).shape == (1, SPEC.n_mels)


def test_digital_silence_stays_at_the_floor() -> None:
    frames = LogMel(SPEC).push(np.zeros(SPEC.n_fft, np.float32))
    np.testing.assert_allclose(frames, np.full((1, SPEC.n_mels), -100.0), atol=1e-4)


def test_no_frame_spans_a_reset() -> None:
    loud = np.ones(SPEC.n_fft - 1, np.float32)
    stage = LogMel(SPEC)
    stage.push(loud)
    stage.reset()
    frames = stage.push(np.zeros(SPEC.n_fft, np.float32))
    np.testing.assert_allclose(frames, np.full((1, SPEC.n_mels), -100.0), atol=1e-4)
