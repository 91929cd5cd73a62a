"""Clips that are shared among the networks of a cross-validation."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.train.programs import run
from tests.train.recorded import write_arrays
from tests.train.songs import RATE

from genre_daemon.errors import ConfigError
from genre_daemon.inference.bundle import SHIPPED, read_bundle, write_bundle
from genre_daemon.inference.modelcard import render
from genre_train.commands.conditions import in_conditions
from genre_train.conditions import CLEAN, DESCRIPTIONS, ROOM, list_clips, listening
from genre_train.conditionstext import render_unlearned
from genre_train.ears import RunEar
from genre_train.fitting import run_fit
from genre_train.loading import DataSettings
from genre_train.runs import RunFolder
from genre_train.samples import read_samples
from genre_train.trainsettings import TrainSettings
from genre_train.unlearned import evaluate_unlearned

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A run, and one that says to have learned what the first holds out."""
    folder = tmp_path_factory.mktemp("folds")
    arrays = name_after_genres(write_arrays(folder / "arrays.npz"))
    settings = TrainSettings(epochs=1, batch_size=4)
    run_fit(DataSettings(arrays), settings, folder / "one", "ours")
    shutil.copytree(folder / "one", folder / "two")
    swap_sides(folder / "two" / "split.csv")
    return [folder / "one", folder / "two"]


def name_after_genres(arrays: Path) -> Path:
    with np.load(arrays) as known:
        content = dict(known)
    genre = np.where(content["genre"] == "rising", "jazz", "blues")
    track = [f"{g}.{t}" for g, t in zip(genre, content["track"], strict=True)]
    np.savez(arrays, **(content | {"genre": genre, "track": np.array(track)}))
    return arrays


def tracks(run: Path, side: str) -> list[str]:
    return sorted(one for one, of in RunFolder(run).sides().items() if of == side)


def swap_sides(split: Path) -> None:
    other = {"train": "valid", "valid": "train"}
    head, *rows = [line.split(",") for line in split.read_text().splitlines()]
    swapped = [head, *([*row[:2], other[row[2]]] for row in rows)]
    split.write_text("".join(",".join(row) + "\n" for row in swapped))


@pytest.fixture
def folder(runs: list[Path], tmp_path: Path) -> Path:
    """Clips of two tracks that the first run holds out, and of one that it learned."""
    held_out, learned = (tracks(runs[0], side) for side in ("valid", "train"))
    clips = tmp_path / "gtzan_clips" / "train"
    clips.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for track in (*held_out[:2], learned[0]):
        soundfile.write(clips / f"{track}.flac", rng.normal(0, 0.1, 7 * RATE), RATE)
    return tmp_path


def test_each_clip_is_heard_by_the_run_that_holds_it_out(
    runs: list[Path], folder: Path
) -> None:
    report = evaluate_unlearned(runs, folder, n_rooms=1)
    assert set(report["accuracy"]) == set(DESCRIPTIONS)
    assert report["accuracy"][CLEAN]["recordings"] == 3
    assert set(report["change"]) == set(DESCRIPTIONS) - {CLEAN}
    assert "3 clips)" in render_unlearned(report)
    alone = evaluate_unlearned(runs[:1], folder, n_rooms=1)
    ear, right = RunEar(runs[0]), []
    for track in tracks(runs[0], "valid")[:2]:
        samples = read_samples(folder / "gtzan_clips" / "train" / f"{track}.flac", RATE)
        genre = ear.labels.index(track.partition(".")[0])
        right += (ear.hear(samples).argmax(axis=1) == genre).tolist()
    assert alone["accuracy"][CLEAN]["n"] == len(right)
    assert alone["accuracy"][CLEAN]["value"] == pytest.approx(np.mean(right), abs=1e-3)


def test_each_clip_is_heard_in_every_room(runs: list[Path], folder: Path) -> None:
    track = tracks(runs[0], "train")[0]  # the other run holds it out
    number = [clip.name for clip in list_clips(folder)].index(f"clips/{track}")
    ear, right = RunEar(runs[1]), []
    report = evaluate_unlearned(runs[1:], folder, n_rooms=2)
    samples = read_samples(folder / "gtzan_clips" / "train" / f"{track}.flac", RATE)
    play = listening(RATE, n_rooms=2)[ROOM]
    for room in (0, 1):
        said = ear.hear(play(samples, number + room)).argmax(axis=1)
        right += (said == ear.labels.index(track.partition(".")[0])).tolist()
    figure = report["accuracy"][ROOM]
    assert (figure["n"], figure["recordings"]) == (len(right), 1)
    assert figure["n"] == 2 * report["accuracy"][CLEAN]["n"]
    assert figure["value"] == pytest.approx(np.mean(right), abs=1e-3)
    loss = figure["value"] - report["accuracy"][CLEAN]["value"]
    assert report["change"][ROOM]["value"] == pytest.approx(loss, abs=1e-3)
    assert "each clip in 2" in render_unlearned(report)


def test_a_clip_that_two_hold_out_is_of_no_cross_validation(
    runs: list[Path], folder: Path
) -> None:
    with pytest.raises(ConfigError, match="as another run does: name the folds of one"):
        evaluate_unlearned([runs[0], runs[0]], folder)


def test_clips_that_all_have_learned_say_nothing(
    runs: list[Path], folder: Path
) -> None:
    held_out = tracks(runs[0], "valid")
    for clip in (folder / "gtzan_clips" / "train").iterdir():
        if clip.stem in held_out:
            clip.unlink()
    with pytest.raises(ConfigError, match=r"no clip in .* is held out by any"):
        evaluate_unlearned(runs[:1], folder)


@pytest.fixture
def bundle(runs: list[Path], tmp_path: Path) -> Path:
    """One of the same labels that was measured under conditions, by itself."""
    shipped, path = read_bundle(SHIPPED), tmp_path / "known.tflite"
    conditions = dict(shipped.info.metrics["conditions"])
    del conditions["unlearned"]
    info = replace(
        shipped.info,
        labels=tuple(RunFolder(runs[0]).config()["labels"]),
        metrics={**shipped.info.metrics, "conditions": conditions},
    )
    write_bundle(path, shipped.flatbuffer, info)
    return path


def test_a_bundle_is_told_what_they_name(
    runs: list[Path], folder: Path, bundle: Path
) -> None:
    before = read_bundle(bundle)
    done = run("evaluate", *runs, "--conditions", folder, "--into", bundle, "--json")
    assert done.returncode == 0, done.stderr
    after = read_bundle(bundle)
    conditions = dict(after.info.metrics["conditions"])
    assert conditions.pop("unlearned") == json.loads(done.stdout)
    told = {**after.info.metrics, "conditions": conditions}
    assert replace(after, info=replace(after.info, metrics=told)) == before
    assert "over 3 clips, cross-validated" in render(after)


def test_a_bundle_is_not_told_what_is_not_of_its_kind(
    runs: list[Path], folder: Path, bundle: Path
) -> None:
    with pytest.raises(ConfigError, match="is only one: 'genre-export build --cond"):
        in_conditions(runs[:1], folder, bundle, as_json=False)
    with pytest.raises(ConfigError, match=r"has other labels than .*one"):
        in_conditions(runs, folder, SHIPPED, as_json=False)
    known = read_bundle(bundle)
    write_bundle(bundle, known.flatbuffer, replace(known.info, metrics={}))
    with pytest.raises(ConfigError, match="tells nothing of conditions: make it with"):
        in_conditions(runs, folder, bundle, as_json=False)
