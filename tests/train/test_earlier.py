"""A genre is added to a network, which keeps what it has learned."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.programs import run
from tests.train.recorded import record, write_arrays
from tests.train.songs import write_collection

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.earlier import EarlierRun
from genre_train.loading import DataSettings, load
from genre_train.models import build
from genre_train.runs import RunFolder
from genre_train.trainsettings import TrainSettings
from genre_train.transfer import give_weights

if TYPE_CHECKING:
    from pathlib import Path

FIT = ("--batch-size", "8", "--seed", "1")


@pytest.mark.slow
def test_the_trunk_is_kept_and_each_label_keeps_its_weights() -> None:
    keras = load_keras()
    old, new = build(16, 2), build(16, 3)
    rng = np.random.default_rng(0)
    for weight in old.weights:
        weight.assign(rng.uniform(0.5, 1.0, weight.shape))
    before = keras.ops.convert_to_numpy(new.weights[-1])
    labels = (("jazz", "rock"), ("blues", "rock", "jazz"))
    give_weights(old, new, lambda n: build(16, n), labels)
    patches = rng.normal(size=(4, 34, 16, 1)).astype(np.float32)
    said, says = (m.predict(patches, verbose=0) for m in (old, new))
    assert np.allclose(says[:, [2, 1]], said, atol=1e-4)
    head = keras.ops.convert_to_numpy(new.weights[-1])
    assert np.array_equal(head[..., 0], before[..., 0])


@pytest.mark.slow
def test_old_genres_are_not_forgotten_when_one_is_added(tmp_path: Path) -> None:
    music = write_collection(tmp_path / "music", per_genre=8, seconds=6)
    later = shutil.move(music / "drums", tmp_path / "drums")
    cache = ("--cache", tmp_path / "cache")
    first, more = tmp_path / "first", tmp_path / "more"
    # An epoch shows two seconds of each window of five.
    done = run("fit", music, "--out", first, "--epochs", "35", *FIT, *cache)
    assert done.returncode == 0, done.stderr
    shutil.move(later, music / "drums")
    command = ("fit", music, "--from", first, "--out", more, "--epochs", "20")
    done = run(*command, *FIT, *cache)
    assert done.returncode == 0, done.stderr
    before, after = (
        json.loads((folder / "metrics.json").read_text())["patch"]["recall"]
        for folder in (first, more)
    )
    assert sum(before.values()) >= 1.5
    for genre, recall in before.items():
        assert after[genre] >= recall - 0.5
    assert np.mean([after[genre] for genre in before]) >= 0.75
    assert after["drums"] >= 0.5
    sides, kept = (RunFolder(folder).sides() for folder in (first, more))
    assert sides.items() <= kept.items()
    (tmp_path / "less").mkdir()
    for genre in ("bells", "drums"):
        shutil.copytree(music / genre, tmp_path / "less" / genre)
    refused = run("fit", tmp_path / "less", "--from", first, "--out", tmp_path / "x")
    assert refused.returncode == 2
    assert "knows the genre 'drone', of which less has no music" in refused.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_a_run_from_before_there_were_chunks_is_gone_on_from(tmp_path: Path) -> None:
    where = DataSettings(write_arrays(tmp_path / "arrays.npz"))
    settings = TrainSettings(epochs=1)
    path = record(tmp_path / "old", where, settings)
    RunFolder(path).save_model(build(128, 2))
    config = json.loads((path / "config.json").read_text())
    del config["spec"]["chunk_frames"]
    data = load(where)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFolder, "config", lambda _: config)
        EarlierRun.open(path).preparation(settings, data)
        config["spec"]["n_fft"] = 1024
        with pytest.raises(ConfigError, match="was trained on other features"):
            EarlierRun.open(path).preparation(settings, data)
