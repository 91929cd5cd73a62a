"""Moments: which frames of musicnn's feature map count for which log-mel frames."""

from __future__ import annotations

import numpy as np
import pytest

from genre_daemon.features.spec import FeatureSpec
from genre_train.imitation.moments import MOMENT_FRAMES, N_TARGETS, pool_moments
from genre_train.musicnn import FRAMES_S, N_CHANNELS

SPEC = FeatureSpec()
MOMENT_S = MOMENT_FRAMES * SPEC.hop_length / SPEC.sample_rate


def test_means_come_first_and_then_maxima() -> None:
    feature_map = np.tile([[1.0, 2.0]], (200, 1)).astype(np.float32)
    feature_map[::2, 1] = 4.0
    told = pool_moments(feature_map, SPEC)
    assert told.dtype == np.float16
    assert (told[:, 0] == 1.0).all()
    np.testing.assert_allclose(told[:, 1], 3.0, atol=0.1)
    assert (told[:, 2] == 1.0).all()
    assert (told[:, 3] == 4.0).all()


def test_every_channel_is_told_twice() -> None:
    feature_map = np.zeros((100, N_CHANNELS), np.float32)
    assert pool_moments(feature_map, SPEC).shape[1] == N_TARGETS


@pytest.mark.parametrize("moment", [0, 3, 6])
def test_a_sound_counts_for_the_moment_whose_frames_are_centred_on_it(
    moment: int,
) -> None:
    feature_map = np.zeros((250, 1), np.float32)
    middle = (moment + 0.5) * MOMENT_FRAMES - 0.5  # of its log-mel frames
    time_s = (middle * SPEC.hop_length + SPEC.n_fft / 2) / SPEC.sample_rate
    feature_map[round(time_s * FRAMES_S)] = 1.0
    peaks = pool_moments(feature_map, SPEC)[:, 1]
    assert np.flatnonzero(peaks).tolist() == [moment]


def test_the_last_moment_is_left_out_as_a_part_of_it_is_missing() -> None:
    seconds = 4.0
    feature_map = np.zeros((round(seconds * FRAMES_S), 1), np.float32)
    assert len(pool_moments(feature_map, SPEC)) == int(seconds / MOMENT_S)


@pytest.mark.parametrize("frames", [1, 3, 20])
def test_a_recording_shorter_than_a_moment_has_none(frames: int) -> None:
    feature_map = np.ones((frames, 5), np.float32)
    assert pool_moments(feature_map, SPEC).shape == (0, 10)
