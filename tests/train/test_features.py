"""Features from files: the daemon's own, cut into windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.train.songs import RATE, song

from genre_daemon.errors import AudioError
from genre_daemon.features.logmel import LogMel
from genre_daemon.features.patches import Patches, chunks_of, fill_patch, standardise
from genre_daemon.features.spec import FeatureSpec
from genre_train.dataset import Windows
from genre_train.features import compute_frames, cut_windows

if TYPE_CHECKING:
    from pathlib import Path

SPEC = FeatureSpec()


@pytest.fixture
def recording(tmp_path: Path, rng: np.random.Generator) -> Path:
    path = tmp_path / "song.wav"
    soundfile.write(path, song("bells", rng, 12), RATE, subtype="FLOAT")
    return path


def test_frames_are_those_of_the_daemon(recording: Path) -> None:
    samples, _ = soundfile.read(recording, dtype="float32")
    assert np.array_equal(compute_frames(recording, SPEC), LogMel(SPEC).push(samples))


def test_any_rate_and_channel_count_is_accepted(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    path = tmp_path / "stereo.flac"
    soundfile.write(path, rng.normal(0, 0.1, (48_000 * 3, 2)), 48_000)
    frames = compute_frames(path, SPEC)
    assert len(frames) == (3 * RATE - SPEC.n_fft) // SPEC.hop_length + 1


def test_the_first_window_is_the_daemons_first_patch(recording: Path) -> None:
    frames = compute_frames(recording, SPEC)
    windows = cut_windows(frames, SPEC)
    patch = next(Patches(SPEC).push(frames))
    assert np.array_equal(windows[0], standardise(patch.frames, SPEC.top_db))
    assert len(windows) == (len(frames) - 216) // 108 + 1 == 3


def test_a_short_recording_is_looped(rng: np.random.Generator) -> None:
    frames = rng.normal(size=(100, 128)).astype(np.float32)
    windows = cut_windows(frames, SPEC)
    assert windows.shape == (1, 216, 128)
    assert np.array_equal(windows[0, :100], windows[0, 100:200])


def test_a_recording_shorter_than_a_frame_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "click.wav"
    soundfile.write(path, np.zeros(500), RATE)
    with pytest.raises(AudioError, match=r"shorter than one frame \(93 ms\)"):
        compute_frames(path, SPEC)


def test_of_a_long_recording_windows_are_spread_from_end_to_end() -> None:
    frames = np.repeat(np.arange(5_000, dtype=np.float32)[:, None], 128, axis=1)
    frames[:, ::2] += 40.0  # something for the deviation to hold on to
    windows = cut_windows(frames, SPEC, most=5)
    every = cut_windows(frames, SPEC)
    assert len(windows) == 5
    assert len(every) == (5_000 - 216) // 108 + 1
    assert np.array_equal(windows[0], every[0])
    assert np.array_equal(windows[-1], every[-1])


def test_a_short_recording_gives_no_more_windows_than_it_has(
    rng: np.random.Generator,
) -> None:
    frames = rng.normal(size=(400, 128)).astype(np.float32)
    assert np.array_equal(cut_windows(frames, SPEC, most=12), cut_windows(frames, SPEC))


def test_a_network_hears_of_windows_what_the_daemon_would_cut_of_them(
    rng: np.random.Generator,
) -> None:
    levels = rng.uniform(-70, 0, (2, 216, 128)).astype(np.float32)
    patches = np.stack([standardise(one, SPEC.top_db) for one in levels])
    chunks = Windows(patches, np.zeros(2, np.int64), np.array(["a", "b"])).chunks(SPEC)
    assert chunks.shape == (2, 4, 86, 128)
    for found, frames in zip(chunks, levels, strict=True):
        np.testing.assert_allclose(found, chunks_of(frames, SPEC), atol=1e-5)


def test_of_short_windows_it_hears_a_loop(rng: np.random.Generator) -> None:
    patches = rng.normal(size=(1, 50, 128)).astype(np.float32)
    chunks = Windows(patches, np.zeros(1, np.int64), np.array(["a"])).chunks(SPEC)
    assert np.array_equal(chunks[0], chunks_of(fill_patch(patches[0], 216), SPEC))
