"""A folder of music becomes a data set, whatever is wrong with single files."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.songs import GENRES

from genre_daemon.errors import ConfigError
from genre_train.loading import DataSettings, load, load_again

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def music(collection: Path, tmp_path: Path) -> Path:
    """Give a copy of the collection that a test may spoil."""
    return shutil.copytree(collection, tmp_path / "music")


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_a_folder_is_split_by_track_and_cut_into_patches(
    collection: Path, cache: Path
) -> None:
    data = load(DataSettings(collection, valid_fraction=0.34, cache=cache))
    assert data.labels == GENRES
    assert data.name == "my music"
    assert set(data.train.track) & set(data.valid.track) == set()
    # 6 s are 255 frames: one whole patch and not yet half of the next.
    assert data.train.patches.shape == (12, 216, 128)
    assert data.valid.patches.shape == (6, 216, 128)
    for side in (data.train, data.valid):
        said = [data.labels[genre] for genre in side.genre]
        assert said == [track.partition("/")[0] for track in side.track]


def test_the_same_seed_gives_the_same_data(collection: Path, cache: Path) -> None:
    def held_out(seed: int) -> list[str]:
        settings = DataSettings(collection, seed=seed, cache=cache)
        return [str(name) for name in load(settings).valid.track]

    assert held_out(0) == held_out(0)
    assert any(held_out(0) != held_out(seed) for seed in range(1, 5))


def test_one_bad_file_is_listed_and_the_others_are_used(
    music: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (music / "bells" / "broken.mp3").write_bytes(b"no music" * 100)
    (music / "drums" / "empty.wav").touch()
    data = load(DataSettings(music, cache=cache))
    assert len(data.train.track) + len(data.valid.track) == 18
    assert len(data.faults) == 2
    assert "broken.mp3" in data.faults[0]
    assert "empty.wav is empty" in data.faults[1]
    assert "left out" in caplog.text


def test_a_genre_of_which_nothing_can_be_used(music: Path, cache: Path) -> None:
    for path in (music / "drums").iterdir():
        path.write_bytes(b"")
    with pytest.raises(ConfigError, match=r"none of the files of the genre 'drums'"):
        load(DataSettings(music, cache=cache))


def test_a_copy_of_a_track_stays_on_its_side(music: Path, cache: Path) -> None:
    for path in sorted((music / "bells").iterdir()):
        shutil.copy(path, path.with_stem(path.stem + " (copy)"))
    data = load(DataSettings(music, valid_fraction=0.5, cache=cache))
    held = {name for name in data.valid.track.tolist() if name.startswith("bells")}
    assert len(held) == 6
    for name in held:
        bare = name.removesuffix(".wav").removesuffix(" (copy)")
        assert {f"{bare}.wav", f"{bare} (copy).wav"} <= held


def test_the_data_of_a_run_are_known_again(music: Path, cache: Path) -> None:
    data = load(DataSettings(music, valid_fraction=0.34, seed=3, cache=cache))
    config = {
        "data": {
            "path": str(music),
            "sha256": data.sha256,
            "valid_fraction": 0.34,
            "cache": str(cache),
        },
        "settings": {"seed": 3, "model": "compact"},
        "spec": data.spec.to_json(),
        "labels": list(data.labels),
    }
    again = load_again(config, None)
    assert again.valid.track.tolist() == data.valid.track.tolist()
    assert np.array_equal(again.train.patches, data.train.patches)
    moved = music.rename(music.with_name("moved"))
    with pytest.raises(ConfigError, match="say where they are with --data"):
        load_again(config, None)
    assert load_again(config, moved).sha256 == data.sha256


def test_data_that_have_changed_are_refused(music: Path, cache: Path) -> None:
    data = load(DataSettings(music, cache=cache))
    config = {
        "data": {
            "path": str(music),
            "sha256": data.sha256,
            "valid_fraction": 0.2,
            "cache": str(cache),
        },
        "settings": {"seed": 0, "model": "compact"},
        "spec": data.spec.to_json(),
        "labels": list(data.labels),
    }
    next((music / "bells").iterdir()).unlink()
    with pytest.raises(ConfigError, match="has changed since the run"):
        load_again(config, None)
