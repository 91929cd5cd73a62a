"""Imitating musicnn: to the end, killed on the way, and what 'fit' makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.programs import kill_when, run
from tests.train.recorded import excerpt, write_arrays

from genre_daemon.errors import ConfigError
from genre_daemon.messages import NO_MUSIC
from genre_train.augment import standardise_batch
from genre_train.bandwidth import clip
from genre_train.earlier import EarlierRun
from genre_train.fitting import run_fit
from genre_train.imitation import probing
from genre_train.imitation.classifying import classify
from genre_train.imitation.network import ImitationSettings
from genre_train.imitation.training import imitate
from genre_train.ingredients import Ingredients
from genre_train.loading import DataSettings, load
from genre_train.nomusic import FIT, FREE_MUSIC, MUSIC, list_sources
from genre_train.predicting import predict_chunks
from genre_train.refitting import run_refit, settings_of
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

STEPS = "12"  # with a checkpoint after each


@pytest.fixture(scope="module")
def folder(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few recordings of each kind."""
    pytest.importorskip("musicnn", reason="musicnn is not installed")
    return excerpt(data_dir, tmp_path_factory.mktemp("data") / "few")


@pytest.fixture(scope="module")
def imitation(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An imitation that was killed once."""
    out = tmp_path_factory.mktemp("runs") / "imitation"
    kept = ("--cache", out.parent / "heard")
    arguments = (
        "imitate",
        folder,
        "--out",
        out,
        "--steps",
        STEPS,
        "--jobs",
        "1",
        *kept,
    )
    kill_when((out / "checkpoint.npz").exists, *arguments)
    assert RunFolder(out).state()["state"] == "running"
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert f"imitation {out} (finished)" in done.stdout
    return out


@pytest.fixture(scope="module")
def named(imitation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose labels were learned upon it."""
    folder = tmp_path_factory.mktemp("named")
    arrays, out = write_arrays(folder / "arrays.npz", 24, 130), folder / "run"
    done = run("fit", arrays, "--out", out, "--imitation", imitation)
    assert done.returncode == 0, done.stderr
    assert f"run {out} (finished)" in done.stdout
    return out


def test_killed_and_gone_on_with_it_ends_where_it_would_have(
    imitation: Path, folder: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    imitate(folder, again, ImitationSettings(steps=int(STEPS)), jobs=1)
    first, second = (RunFolder(out).load_model() for out in (imitation, again))
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
    losses = [float(line.split(",")[1]) for line in history(again)[1:]]
    assert losses[-1] < losses[0]


def test_the_folder_tells_what_was_heard_and_how_well(imitation: Path) -> None:
    sides = RunFolder(imitation).sides()
    assert set(sides.values()) == {"fit", "held-out"}
    assert all(name.startswith(("music/", "free_music/")) for name in sides)
    told = json.loads((imitation / "metrics.json").read_text())
    assert set(told["explained_variance"]) == {"first layer", "later layers"}
    steps = [line.split(",")[0] for line in history(imitation)]
    assert steps == ["step", *map(str, range(1, 1 + int(STEPS)))]


@pytest.fixture(scope="module")
def of_everything(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An imitation of what is held out, too."""
    out = tmp_path_factory.mktemp("runs") / "imitation-all"
    text = imitate(folder, out, ImitationSettings(steps=2, everything=True), jobs=1)
    assert "it has learned from all" in text
    return out


def test_one_of_everything_holds_nothing_out_to_measure_it_on(
    of_everything: Path,
) -> None:
    run = RunFolder(of_everything)
    assert set(run.sides().values()) == {"fit"}
    assert run.config()["data"]["held_out"] == 0
    assert not (of_everything / "metrics.json").exists()


def test_it_may_begin_with_another_that_has_more_channels(
    imitation: Path, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "slim"
    short = ("--jobs", "1", "--steps", "1", "--takes", "1")
    begin = ("imitate", folder, "--from", imitation, *short)
    done = run(*begin, "--model", "slim-stem", "--out", out)
    assert done.returncode == 0, done.stderr
    settings = RunFolder(out).config()["settings"]
    assert settings["begun_from"] == str(imitation)
    assert settings["learning_rate"] < ImitationSettings().learning_rate
    # One step, in the middle of a warm-up, has hardly moved it.
    first, second = (RunFolder(one).load_model() for one in (imitation, out))
    (before, _), (after, _) = (
        one.get_layer("block_3_2_norm").get_weights()[:2] for one in (first, second)
    )
    np.testing.assert_allclose(before, after, atol=0.01)
    refused = run(*begin, "--model", "wide", "--out", tmp_path / "wide")
    assert refused.returncode == 2
    assert "see --model" in refused.stderr
    assert not (tmp_path / "wide").exists()


def test_it_does_not_begin_with_one_that_knows_what_is_held_out(
    of_everything: Path, folder: Path, tmp_path: Path
) -> None:
    settings = ImitationSettings().begun(of_everything)
    with pytest.raises(ConfigError, match=r"has learned from .*, which is held out"):
        imitate(folder, tmp_path / "again", settings, jobs=1)
    assert not (tmp_path / "again").exists()


def test_fit_learns_labels_upon_it_and_leaves_it_as_it_is(
    imitation: Path, named: Path
) -> None:
    config = RunFolder(named).config()
    assert config["ingredients"]["imitation"] == str(imitation)
    before, after = (RunFolder(one).load_model() for one in (imitation, named))
    for layer in before.layers:
        kept = after.get_layer(layer.name).get_weights()
        for one, other in zip(layer.get_weights(), kept, strict=True):
            np.testing.assert_array_equal(one, other)


def test_refit_learns_the_labels_of_all_tracks_upon_it(
    named: Path, tmp_path: Path
) -> None:
    assert run_refit(named, tmp_path / "all", None).exit_code == 0
    before, after = (RunFolder(one).load_model() for one in (named, tmp_path / "all"))
    kernels = [one.get_layer("logits").get_weights()[0] for one in (before, after)]
    assert np.abs(kernels[0] - kernels[1]).max() > 0


def test_refit_learns_by_an_imitation_of_everything(
    named: Path, of_everything: Path, tmp_path: Path
) -> None:
    run_refit(named, tmp_path / "all", None, imitation=of_everything)
    run = RunFolder(tmp_path / "all")
    assert run.config()["ingredients"]["imitation"] == str(of_everything)
    stems = [
        RunFolder(one).load_model().get_layer("stem").get_weights()[0]
        for one in (of_everything, run.path)
    ]
    np.testing.assert_array_equal(*stems)


def test_what_has_no_label_is_heard_in_rooms_like_what_has_one(
    named: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = RunFolder(named).config()
    ingredients = replace(Ingredients.of(config), background=folder)
    data = ingredients.prepare_data(load(DataSettings.of(config)))
    settings = settings_of(config)
    outside = ingredients.scenery(data, settings)
    assert outside.in_rooms is None
    settings = replace(settings, augment=replace(settings.augment, room=0.5))
    scenery = ingredients.scenery(data, settings)
    assert scenery.background is not None
    assert scenery.in_rooms is not None
    dry, wet = (
        place.draw_music(np.random.default_rng(0), 32)[0]
        for place in (scenery.background, scenery.in_rooms)
    )
    assert np.abs(dry - wet).mean() > 1.0
    alike = [
        np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(dry, wet, strict=True)
    ]
    assert np.median(alike) > 0.6
    monkeypatch.setattr(probing, "_ROUNDS", 1)
    model = classify(data, scenery, settings)
    levels = scenery.in_rooms.draw_no_music(np.random.default_rng(1), 32)
    chunks = standardise_batch(clip(levels, data.spec.top_db))
    said = predict_chunks(model, chunks).argmax(axis=1)
    assert (said == data.labels.index(NO_MUSIC)).mean() > 0.8


def test_a_training_on_everything_hears_what_is_held_out(
    named: Path, folder: Path
) -> None:
    config = RunFolder(named).config()
    ingredients = replace(Ingredients.of(config), background=folder)
    data = ingredients.prepare_data(load(DataSettings.of(config)))
    some, every = (
        ingredients.scenery(data, settings_of(config), everything=everything).background
        for everything in (False, True)
    )
    assert some is not None
    assert every is not None
    sides = [one.side for one in list_sources(folder, (MUSIC, FREE_MUSIC))]
    assert len(some.music) == sides.count(FIT) < len(sides)
    assert len(every.music) == len(sides)


def test_it_is_not_mixed_with_another_beginning(named: Path, tmp_path: Path) -> None:
    config = RunFolder(named).config()
    with pytest.raises(ConfigError, match="--imitation is another beginning than"):
        run_fit(
            DataSettings.of(config),
            settings_of(config),
            tmp_path / "two",
            "ours",
            earlier=EarlierRun.open(named),
            ingredients=Ingredients.of(config),
        )
    assert not (tmp_path / "two").exists()


def test_steps_are_at_least_one() -> None:
    with pytest.raises(ConfigError, match="--steps must be at least 1, got 0"):
        ImitationSettings(steps=0)


def test_takes_are_at_least_one() -> None:
    with pytest.raises(ConfigError, match="--takes must be at least 1, got 0"):
        ImitationSettings(takes=0)


def test_a_model_is_one_of_those_there_are() -> None:
    with pytest.raises(ConfigError, match="no model 'huge': choose one of compact, "):
        ImitationSettings(model="huge")


def history(folder: Path) -> list[str]:
    return (folder / "history.csv").read_text().split()
