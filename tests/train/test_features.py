"""Features from files, and a cache that can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.train.songs import RATE, song

from genre_daemon.errors import AudioError
from genre_daemon.features.logmel import LogMel
from genre_daemon.features.patches import Patches
from genre_daemon.features.spec import FeatureSpec
from genre_train.features import (
    FeatureCache,
    compute_frames,
    cut_windows,
    default_cache,
    file_digest,
)

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
    _, patch = next(Patches(SPEC).push(frames))
    assert np.array_equal(windows[0], patch)
    assert len(windows) == (len(frames) - 216) // 108 + 1 == 3


def test_a_short_recording_is_looped(rng: np.random.Generator) -> None:
    frames = rng.normal(size=(100, 128)).astype(np.float32)
    windows = cut_windows(frames, SPEC)
    assert windows.shape == (1, 216, 128)
    assert np.array_equal(windows[0, :100], windows[0, 100:200])


def test_a_cached_file_is_not_decoded_again(recording: Path, tmp_path: Path) -> None:
    cache, digest = FeatureCache(tmp_path / "cache", SPEC), file_digest(recording)
    frames = cache.frames(recording, digest)
    recording.unlink()
    assert np.array_equal(cache.frames(recording, digest), frames)


def test_changed_content_or_another_spec_is_computed_again(
    recording: Path, tmp_path: Path
) -> None:
    folder, digest = tmp_path / "cache", file_digest(recording)
    FeatureCache(folder, SPEC).frames(recording, digest)
    recording.unlink()
    with pytest.raises(AudioError, match="there is no file"):
        FeatureCache(folder, SPEC).frames(recording, "0" * 64)
    with pytest.raises(AudioError, match="there is no file"):
        FeatureCache(folder, FeatureSpec(n_mels=64)).frames(recording, digest)


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"no array at all"])
def test_a_damaged_cache_is_not_believed(
    recording: Path, tmp_path: Path, damage: bytes
) -> None:
    cache, digest = FeatureCache(tmp_path / "cache", SPEC), file_digest(recording)
    frames = cache.frames(recording, digest)
    (stored,) = (tmp_path / "cache").rglob("*.npy")
    stored.write_bytes(damage)
    assert np.array_equal(cache.frames(recording, digest), frames)
    assert np.array_equal(np.load(stored), frames)


def test_nothing_half_written_stays_behind(recording: Path, tmp_path: Path) -> None:
    FeatureCache(tmp_path / "cache", SPEC).frames(recording, file_digest(recording))
    assert list((tmp_path / "cache").rglob("*.part")) == []


def test_a_recording_shorter_than_a_frame_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "click.wav"
    soundfile.write(path, np.zeros(500), RATE)
    with pytest.raises(AudioError, match=r"shorter than one frame \(93 ms\)"):
        compute_frames(path, SPEC)


def test_a_missing_file_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="cannot read"):
        file_digest(tmp_path / "gone.wav")


def test_the_cache_follows_the_xdg_folders(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "genre-listen" / "features"
