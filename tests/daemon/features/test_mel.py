"""The filter bank equals librosa's, and sums as a matrix product would."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from genre_daemon.features.mel import MelFilterBank, hz_to_mel, mel_to_hz, mel_weights
from genre_daemon.features.spec import FeatureSpec

SPECS = [
    FeatureSpec(),
    FeatureSpec(sample_rate=16_000, n_fft=512, hop_length=160, n_mels=40, fmax=8_000.0),
    FeatureSpec(n_mels=64, fmin=80.0, fmax=7_600.0),
    # Bands narrower than bins: some hold no bin at all.
    FeatureSpec(n_fft=256, hop_length=128, n_mels=128),
]


def test_mel_scale_has_the_known_points() -> None:
    # From librosa's documentation of hz_to_mel and mel_frequencies.
    hz = np.array([60.0, 110.0, 220.0, 440.0, 1_000.0, 6_400.0])
    mel = np.array([0.9, 1.65, 3.3, 6.6, 15.0, 42.0])
    np.testing.assert_allclose(hz_to_mel(hz), mel, rtol=1e-12)
    np.testing.assert_allclose(mel_to_hz(mel), hz, rtol=1e-12)


@pytest.mark.parametrize("spec", SPECS)
def test_weights_equal_librosa(spec: FeatureSpec) -> None:
    librosa = pytest.importorskip("librosa")
    with warnings.catch_warnings(action="ignore"):  # it warns of the empty bands
        expected = librosa.filters.mel(
            sr=spec.sample_rate,
            n_fft=spec.n_fft,
            n_mels=spec.n_mels,
            fmin=spec.fmin,
            fmax=spec.fmax,
        )
    # Both round double-precision triangles to single precision once.
    np.testing.assert_allclose(mel_weights(spec), expected, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("spec", SPECS)
def test_bank_sums_as_the_weights_say(
    spec: FeatureSpec, rng: np.random.Generator
) -> None:
    power = rng.random((7, spec.n_fft // 2 + 1), np.float32)
    expected = power.astype(np.float64) @ mel_weights(spec).T.astype(np.float64)
    np.testing.assert_allclose(MelFilterBank(spec).push(power), expected, rtol=2e-6)


@pytest.mark.parametrize("spec", SPECS)
def test_a_row_does_not_depend_on_its_neighbours(
    spec: FeatureSpec, rng: np.random.Generator
) -> None:
    power = rng.random((50, spec.n_fft // 2 + 1), np.float32)
    bank = MelFilterBank(spec)
    alone = np.concatenate([bank.push(row[None]) for row in power])
    np.testing.assert_array_equal(bank.push(power), alone)


@pytest.mark.parametrize("spec", SPECS)
def test_every_band_is_in_one_small_product(spec: FeatureSpec) -> None:
    groups = MelFilterBank(spec)._groups
    bands = [band for group, _, _ in groups for band in range(group.start, group.stop)]
    assert bands == list(range(spec.n_mels))
    # Larger ones would be shared among threads, and wake them up.
    assert max(weights.size for _, _, weights in groups) < 9_216
