"""The arrays file: what is read from it, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.arrays import load_arrays

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, **changes: Any) -> Path:  # noqa: ANN401 - whatever a test wants
    """Write an arrays file of four tracks, with changes; None leaves an array out."""
    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {
        "logmel": rng.normal(size=(4, 128, 42)).astype(np.float16),
        "track": np.array(["a.0", "a.1", "b.0", "b.1"]),
        "genre": np.array(["rock", "rock", "jazz", "jazz"]),
        "split": np.array(["train", "valid", "train", "valid"]),
    } | changes
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


def test_each_track_lands_on_its_own_side(tmp_path: Path) -> None:
    data = load_arrays(write(tmp_path / "x.npz"))
    assert data.labels == ("jazz", "rock")
    assert data.train.track.tolist() == ["a.0", "b.0"]
    assert data.valid.track.tolist() == ["a.1", "b.1"]
    assert data.train.genre.tolist() == [1, 0]
    assert data.counts()["valid"] == {
        "tracks": 2,
        "windows": 2,
        "per_genre": {"jazz": 1, "rock": 1},
    }


def test_the_padded_frames_are_dropped_and_windows_standardised(tmp_path: Path) -> None:
    logmel = np.random.default_rng(0).normal(3, 2, (4, 128, 42)).astype(np.float16)
    logmel[:, :, :2] = 1000  # would spoil mean and deviation
    patches = load_arrays(write(tmp_path / "x.npz", logmel=logmel)).train.patches
    assert patches.shape == (2, 40, 128)
    assert np.allclose(patches.mean(axis=(1, 2)), 0, atol=1e-5)
    assert np.allclose(patches.std(axis=(1, 2)), 1, atol=1e-4)
    shape = np.corrcoef(patches[0].ravel(), logmel[0, :, 2:].T.ravel())[0, 1]
    assert shape == pytest.approx(1, abs=1e-5)


def test_the_hash_follows_the_content(tmp_path: Path) -> None:
    first = load_arrays(write(tmp_path / "x.npz")).sha256
    split = np.array(["train", "valid", "valid", "train"])
    assert first != load_arrays(write(tmp_path / "y.npz", split=split)).sha256


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"genre": None}, "lacks the array 'genre'"),
        ({"logmel": np.zeros((4, 64, 12))}, r"shape \(tracks, 128, frames\)"),
        ({"logmel": np.zeros((4, 128))}, r"shape \(tracks, 128, frames\)"),
        ({"logmel": np.zeros((4, 128, 20))}, "20 frames a track: at least 34"),
        ({"track": np.array(["a"])}, r"one entry a track"),
        ({"logmel": np.full((4, 128, 42), np.nan)}, "not finite"),
        ({"split": np.array(["train"] * 4)}, "no track in the split 'valid'"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_arrays(write(tmp_path / "x.npz", **changes))


def test_a_missing_or_foreign_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the arrays file"):
        load_arrays(tmp_path / "gone.npz")
    for content in (b"", b"no zip at all", b"PK\x03\x04 broken"):
        path = tmp_path / "x.npz"
        path.write_bytes(content)
        with pytest.raises(ConfigError, match="cannot read the arrays file"):
            load_arrays(path)
