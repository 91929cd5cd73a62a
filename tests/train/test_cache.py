"""A cache of features that can be believed."""

from __future__ import annotations

import os
import time
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.train.songs import RATE, song

from genre_daemon.errors import AudioError, ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.cache import FeatureCache, default_cache, file_digest
from genre_train.features import compute_frames

if TYPE_CHECKING:
    from pathlib import Path

SPEC = FeatureSpec()


@pytest.fixture
def recording(tmp_path: Path, rng: np.random.Generator) -> Path:
    path = tmp_path / "song.wav"
    soundfile.write(path, song("bells", rng, 12), RATE, subtype="FLOAT")
    return path


def test_what_is_kept_is_what_was_computed(recording: Path, tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path / "cache", SPEC)
    frames = cache.frames(recording, file_digest(recording))
    assert np.array_equal(frames, compute_frames(recording, SPEC))


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
    frames = cache.frames(recording, digest).copy()
    stored = cache.place(digest)
    stored.write_bytes(damage)
    assert np.array_equal(cache.frames(recording, digest), frames)
    assert np.array_equal(np.load(stored), frames)


def test_nothing_half_written_stays_behind(recording: Path, tmp_path: Path) -> None:
    FeatureCache(tmp_path / "cache", SPEC).frames(recording, file_digest(recording))
    assert list((tmp_path / "cache").rglob("*.part")) == []


def test_a_missing_file_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="cannot read"):
        file_digest(tmp_path / "gone.wav")


def test_the_cache_follows_the_xdg_folders(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "genre-listen" / "features"


def test_one_flipped_bit_is_noticed(recording: Path, tmp_path: Path) -> None:
    cache, digest = FeatureCache(tmp_path / "cache", SPEC), file_digest(recording)
    frames = cache.frames(recording, digest).copy()
    content = bytearray(cache.place(digest).read_bytes())
    content[len(content) // 2] ^= 1
    cache.place(digest).write_bytes(content)
    assert cache.load(digest) is None
    assert np.array_equal(cache.frames(recording, digest), frames)


def test_a_file_cut_short_anywhere_is_noticed(recording: Path, tmp_path: Path) -> None:
    cache, digest = FeatureCache(tmp_path / "cache", SPEC), file_digest(recording)
    cache.frames(recording, digest)
    content = cache.place(digest).read_bytes()
    for length in (1, 31, 32, 127, 128, 1_000, len(content) - 32, len(content) - 1):
        cache.place(digest).write_bytes(content[:length])
        assert cache.load(digest) is None


def test_a_long_recording_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    path, minutes = tmp_path / "mix.wav", 8
    with soundfile.SoundFile(path, "w", 8_000, 1, subtype="PCM_U8") as file:
        minute = np.random.default_rng(0).normal(0, 0.1, 60 * 8_000)
        for _ in range(minutes):
            file.write(minute)
    cache, digest = FeatureCache(tmp_path / "cache", SPEC), file_digest(path)
    tracemalloc.start()
    frames = cache.frames(path, digest)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert frames.nbytes > 10e6
    assert peak < frames.nbytes / 2


def test_old_remains_of_killed_writers_are_swept(
    recording: Path, tmp_path: Path
) -> None:
    cache, digest = FeatureCache(tmp_path / "cache", SPEC), file_digest(recording)
    cache.frames(recording, digest)
    old, fresh = (cache.place(digest).with_suffix(f".{n}.part") for n in "ab")
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (0, time.time() - 2 * 24 * 3600))
    cache.sweep()
    assert not old.exists()
    assert fresh.exists()
    assert cache.load(digest) is not None


def test_a_cache_that_cannot_be_written_is_a_sentence(
    recording: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    cache = FeatureCache(tmp_path / "file", SPEC)
    with pytest.raises(ConfigError, match=r"cannot keep features in .*--cache"):
        cache.frames(recording, file_digest(recording))
