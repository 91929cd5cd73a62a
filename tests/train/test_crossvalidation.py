"""A run repeated on every fold: what is trained again, and what interrupts it."""

from __future__ import annotations

import json
import shutil
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.train.programs import kill_when, run
from tests.train.recorded import excerpt, pretend, record, write_arrays
from tests.train.test_resume import history, small

from genre_daemon.errors import ConfigError
from genre_train.commands.crossvalidate import cross_validate
from genre_train.crossvalidation.recipe import Places, recipe_of
from genre_train.crossvalidation.validating import CrossValidation
from genre_train.durable import alone_in
from genre_train.earlier import EarlierRun
from genre_train.embeddings import TAGS, Embeddings, name_of, scores_of
from genre_train.heldout import load_held_out
from genre_train.ingredients import Ingredients
from genre_train.loading import DataSettings, load, load_again
from genre_train.models import MODELS
from genre_train.nomusic import FREE_MUSIC, MUSIC, list_sources
from genre_train.runs import RunFolder
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from genre_train.embeddings import Rows

pytestmark = pytest.mark.slow

HERE = Places()


@pytest.fixture(scope="module", autouse=True)
def small_network() -> Iterator[None]:
    """Let runs train a network that takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, "small", small)
        yield


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: ``first``, and ``second`` that was begun from it."""
    folder = tmp_path_factory.mktemp("runs")
    where = DataSettings(write_arrays(folder / "arrays.npz"))
    settings = TrainSettings("small", epochs=1, batch_size=4, learning_rate=0.01)
    record(folder / "first", where, settings)
    later = replace(settings, label_smoothing=0.2, seed=7)
    record(folder / "second", where, later, EarlierRun.open(folder / "first"))
    return folder


@pytest.fixture(scope="module")
def begun(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> CrossValidation:
    """The second run, repeated on the first of two folds."""
    out = tmp_path_factory.mktemp("folds") / "cv"
    validation = CrossValidation(recipe_of(runs / "second", HERE), out, folds=2)
    validation.run([1])
    return validation


def test_a_fold_is_held_out(begun: CrossValidation) -> None:
    config = RunFolder(begun.folder(1) / "second").config()
    data = load_again(config, None)
    mine, others = (set(side.track.tolist()) for side in (data.valid, data.train))
    assert not mine & others
    assert len(mine | others) == 12
    assert config["data"]["split"] == (
        "fold 1 of 2 held out, stratified by genre, track-disjoint but not by artist, "
        "seed 0"
    )


def test_what_a_run_was_begun_from_has_not_heard_the_fold_either(
    begun: CrossValidation,
) -> None:
    first, second = (RunFolder(begun.folder(1) / name) for name in ("first", "second"))
    assert first.sides() == second.sides()
    assert second.config()["data"]["begun_from"] == str(first.path)


def test_a_fold_is_trained_as_the_run_was(runs: Path, begun: CrossValidation) -> None:
    for name in ("first", "second"):
        recorded = RunFolder(runs / name).config()
        config = RunFolder(begun.folder(1) / name).config()
        for part in ("settings", "ingredients", "labels", "spec"):
            assert config[part] == recorded[part]


def test_the_table_comes_with_the_last_fold(
    runs: Path,
    begun: CrossValidation,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = shutil.copytree(begun.out, tmp_path / "cv")
    whole = replace(begun, out=out)
    pretend(whole, 2, right=0.5)
    handler = signal.getsignal(signal.SIGTERM)
    cross_validate(runs / "second", out=out, folds=2, fold=[1])
    signal.signal(signal.SIGTERM, handler)
    told = capsys.readouterr().out
    assert "without its tracks: first (1 epochs), second (1 epochs)" in told
    assert "float networks" in told
    result = json.loads((out / "cross-validation.json").read_text())
    assert "windows of 48 frames (1.1 s), heard as the daemon hears them" in told
    assert result["patch"]["frames"] == 48
    assert result["patch"]["accuracy"]["n"] == 12
    assert result["patch"]["accuracy_of_folds"][1]["value"] == 0.5
    assert "window" not in result
    held = load_held_out(out / "held-out.npz", ("falling", "rising"))
    assert sorted(held.track.tolist()) == [f"{i:02d}" for i in range(12)]
    right = float((held.logits.argmax(axis=1) == held.genre).mean())
    assert result["patch"]["accuracy"]["value"] == pytest.approx(right, abs=1e-4)
    assert held.told == "2-fold cross-validation of second, float"


def test_the_sides_that_the_data_come_with_can_be_the_folds(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "cv"
    handler = signal.getsignal(signal.SIGTERM)
    cross_validate(runs / "first", out=out, sides=True)
    signal.signal(signal.SIGTERM, handler)
    result = json.loads((out / "cross-validation.json").read_text())
    assert result["split"] == "2 folds, the sides of the given split"
    assert [one["n"] for one in result["patch"]["accuracy_of_folds"]] == [4, 8]
    assert "2 folds, the sides of the given split" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="'folds' was 'sides', not 2"):
        cross_validate(runs / "first", out=out, folds=2)


def model_times(out: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in out.rglob("model.keras")}


def test_what_is_done_is_not_done_again(begun: CrossValidation) -> None:
    before = model_times(begun.out)
    assert len(before) == 2
    # As if it had been killed after the training.
    (begun.folder(1) / "patch.npz").unlink()
    assert begun.done == []
    begun.run([1])
    assert begun.done == [1]
    assert model_times(begun.out) == before


def test_another_experiment_is_not_mixed_in(
    runs: Path, begun: CrossValidation, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="whose 'folds' was 2, not 3"):
        replace(begun, folds=3).run()
    other = recipe_of(runs / "first", HERE)
    with pytest.raises(ConfigError, match="is an unfinished run whose"):
        replace(begun, recipe=other).run()
    (tmp_path / "x").write_text("mine")
    with pytest.raises(ConfigError, match="holds something else"):
        replace(begun, out=tmp_path).run()
    with pytest.raises(ConfigError, match="--fold must be 1 to 2, got 3"):
        begun.run([3])


def test_a_fold_that_another_process_is_at_is_passed_over(
    runs: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recipe = recipe_of(runs / "first", HERE)
    validation = CrossValidation(recipe, tmp_path / "cv", folds=2)
    validation.begin()
    with alone_in(validation.folder(1)) as alone, caplog.at_level("INFO"):
        assert alone
        validation.run([1])
    assert "fold 1: another process is at it" in caplog.text
    assert not list(validation.folder(1).iterdir())


def test_the_teachers_of_a_fold_have_not_heard_it(
    runs: Path,
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = excerpt(data_dir, tmp_path / "data")
    where = DataSettings(runs / "arrays.npz")
    known = embed(folder, where, tmp_path / "embeddings.npz")
    settings = TrainSettings("small", epochs=1, batch_size=4)
    run = record(
        tmp_path / "run", where, settings, None, Ingredients(folder, embeddings=known)
    )
    asked, of = set[str](), Embeddings.of

    def noted(self: Embeddings, sound: str) -> Rows:
        asked.add(sound)
        return of(self, sound)

    monkeypatch.setattr(Embeddings, "of", noted)
    validation = CrossValidation(recipe_of(run, HERE), tmp_path / "cv", folds=2)
    validation.run([2])
    data = load_again(RunFolder(validation.folder(2) / "run").config(), None)
    learned, held_out = (
        {name_of(patch) for patch in side.patches} for side in (data.train, data.valid)
    )
    assert learned <= asked
    assert not held_out & asked


def embed(folder: Path, where: DataSettings, out: Path) -> Path:
    """Write embeddings of all music and all windows that nobody has computed."""
    data, rng = load(where), np.random.default_rng(0)
    sounds = list_sources(folder, (MUSIC, FREE_MUSIC))
    names = [
        name_of(patch) for side in (data.train, data.valid) for patch in side.patches
    ]
    Embeddings(
        {
            name: {
                part: rng.uniform(size=(2, n)).astype(np.float16)
                for tagger, tags in TAGS.items()
                for part, n in ((tagger, 4), (scores_of(tagger), len(tags)))
            }
            for name in [*names, *(one.name for one in sounds)]
        }
    ).save(out)
    return out


def spoil(run: Path, to: Path, **changes: Any) -> Path:  # noqa: ANN401 - as JSON
    """Copy a run, with other values in its configuration."""
    shutil.copytree(run, to)
    config = json.loads((to / "config.json").read_text())
    for name, value in changes.items():
        part, _, key = name.partition("__")
        config[part][key] = value
    (to / "config.json").write_text(json.dumps(config))
    return to


def test_runs_that_cannot_be_repeated(runs: Path, tmp_path: Path) -> None:
    for name, changes, message in (
        ("leaky", {"data__leaky": True}, "is not finished or was leaky"),
        ("patient", {"settings__patience": 3}, "train the run without --patience"),
        ("moved", {"data__path": "/gone/x.npz"}, "say where they are with --data"),
    ):
        spoilt = spoil(runs / "first", tmp_path / name, **changes)
        with pytest.raises(ConfigError, match=message):
            recipe_of(spoilt, HERE)
    elsewhere = spoil(runs / "first", tmp_path / "elsewhere", data__sha256="0" * 64)
    later = spoil(runs / "second", tmp_path / "later", data__begun_from=str(elsewhere))
    with pytest.raises(ConfigError, match="later was trained on other data than else"):
        recipe_of(later, HERE)
    changed = CrossValidation(recipe_of(elsewhere, HERE), tmp_path / "cv")
    with pytest.raises(ConfigError, match="has changed since elsewhere was trained"):
        changed.run()
    assert not changed.out.exists()


def test_runs_that_have_moved_together_are_found(runs: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(runs, moved)
    config = json.loads((moved / "second" / "config.json").read_text())
    config["data"]["begun_from"] = "elsewhere/first"
    (moved / "second" / "config.json").write_text(json.dumps(config))
    recipe = recipe_of(moved / "second", Places(data=moved / "arrays.npz"))
    assert recipe.told() == ["first (1 epochs)", "second (1 epochs)"]
    assert {stage.where.path for stage in recipe.stages} == {moved / "arrays.npz"}


def test_all_trainings_are_shortened_alike(runs: Path, tmp_path: Path) -> None:
    long = spoil(runs / "second", tmp_path / "long", settings__epochs=9)
    whole = recipe_of(long, HERE)
    assert whole.shortened(0.5).told() == ["first (1 epochs)", "long (4 epochs)"]
    assert whole.shortened(1.0) == whole
    for share in (0.0, 1.01):
        with pytest.raises(ConfigError, match="above 0 and at most 1, got"):
            whole.shortened(share)


def test_a_killed_fold_is_gone_on_with(tmp_path: Path) -> None:
    where = DataSettings(write_arrays(tmp_path / "x.npz", tracks=8, frames=130))
    record(tmp_path / "run", where, TrainSettings(epochs=5, batch_size=4))
    out = tmp_path / "cv"
    command = ("cross-validate", tmp_path / "run", "--out", out, "--folds", "2")
    trained = out / "fold-2" / "run"
    kill_when(lambda: len(history(trained)) >= 2, *command, "--fold", "2")
    assert RunFolder(trained).state()["state"] == "running"
    rest = run(*command, "--fold", "2")
    assert rest.returncode == 0, rest.stderr
    assert f"going on with {trained} after epoch" in rest.stderr
    assert history(trained) == [1, 2, 3, 4, 5]
    assert "still to be computed: fold 1;" in rest.stdout
    assert not (out / "cross-validation.json").exists()
