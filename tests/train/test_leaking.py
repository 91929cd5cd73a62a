"""A leaky split leaks, and everything that it touches says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.programs import run

from genre_daemon.errors import ConfigError
from genre_train.loading import DataSettings, load, load_again
from genre_train.split import leaky_sides

if TYPE_CHECKING:
    from pathlib import Path


def write_arrays(path: Path) -> Path:
    """Write an arrays file of twelve tracks of two genres."""
    rng = np.random.default_rng(0)
    genre = np.array(["rock", "jazz"] * 6)
    np.savez(
        path,
        logmel=rng.normal(size=(12, 128, 130)).astype(np.float16),
        track=np.array([f"{name}.{i}" for i, name in enumerate(genre)]),
        genre=genre,
        split=np.array(["train"] * 8 + ["valid"] * 4),
    )
    return path


def shared(data_settings: DataSettings) -> set[str]:
    data = load(data_settings)
    return set(data.train.track.tolist()) & set(data.valid.track.tolist())


def test_windows_are_held_out_by_genre_and_not_by_track() -> None:
    genres = ["a"] * 40 + ["b"] * 20
    sides = leaky_sides(genres, valid_fraction=0.25, seed=0)
    assert sides[:40].count("valid") == 10
    assert sides[40:].count("valid") == 5
    assert sides == leaky_sides(genres, valid_fraction=0.25, seed=0)
    with pytest.raises(ConfigError, match="too few windows to split"):
        leaky_sides(["a", "b"], valid_fraction=0.2, seed=0)


def test_only_the_leaky_split_has_a_track_on_both_sides(
    collection: Path, tmp_path: Path
) -> None:
    arrays = write_arrays(tmp_path / "x.npz")
    for path, honest in ((arrays, "fault-filtered"), (arrays, "grouped")):
        assert shared(DataSettings(path, split=honest)) == set()
    leaky = load(DataSettings(arrays, split="leaky"))
    assert leaky.leaky
    assert leaky.split.startswith("leaky: 0.2 of the windows held out at random")
    assert shared(DataSettings(arrays, split="leaky")) != set()
    music = DataSettings(collection, cache=tmp_path / "cache", split="leaky")
    assert load(music).leaky


@pytest.mark.parametrize(
    ("split", "message"),
    [("csv", "--split csv needs a CSV"), ("random", "--split must be one of auto")],
)
def test_a_split_that_does_not_fit_the_data_is_refused(
    tmp_path: Path, split: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load(DataSettings(write_arrays(tmp_path / "x.npz"), split=split))


def test_a_folder_has_no_fault_filtered_split(collection: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is the split of GTZAN's arrays"):
        load(DataSettings(collection, cache=tmp_path, split="fault-filtered"))


@pytest.mark.slow
def test_everything_made_from_it_says_so(tmp_path: Path) -> None:
    arrays, folder = write_arrays(tmp_path / "x.npz"), tmp_path / "run"
    fit = ("fit", arrays, "--split", "leaky", "--out", folder, "--epochs", "1")
    done = run(*fit)
    assert done.returncode == 0, done.stderr
    assert "LEAKY SPLIT" in done.stdout
    config = json.loads((folder / "config.json").read_text())
    assert config["data"]["leaky"] is True
    assert config["data"]["split"].startswith("leaky: ")
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["leaky"] is True
    assert load_again(config, None).sides_sha256 == config["data"]["sides_sha256"]
    refused = run("fit", arrays, "--from", folder, "--out", tmp_path / "more")
    assert refused.returncode == 2
    assert "--split leaky and has held nothing out" in refused.stderr
