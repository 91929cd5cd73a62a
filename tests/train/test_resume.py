"""A training that is killed goes on, and comes to the same end."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.train.programs import kill_when, run
from tests.train.test_arrays import write
from tests.train.test_training import DATA

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.checkpoint import Checkpoint
from genre_train.models import MODELS
from genre_train.predicting import predict
from genre_train.runs import RunFolder
from genre_train.training import Epoch, fit
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from pathlib import Path


class Notebook:
    """Keeps checkpoints on a disk, and is told when to fail."""

    def __init__(self, path: Path, fail_after: int) -> None:
        self._path = path
        self._fail_after = fail_after

    def load_checkpoint(self) -> Checkpoint | None:
        """Read it."""
        return Checkpoint.load(self._path)

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Write it, and perhaps fail."""
        checkpoint.save(self._path)
        if checkpoint.epoch == self._fail_after:
            raise RuntimeError("the power failed")


def small(n_mels: int, n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Build two branches with all that has a state: norms, dropout, weights."""
    layers = load_keras().layers
    inputs = layers.Input((None, n_mels, 1))
    logits = []
    for size in (3, 5):
        x = layers.Conv2D(4, size, strides=4, use_bias=False)(inputs)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
        logits.append(layers.Dense(n_labels)(x))
    return load_keras().Model(inputs, layers.Average()(logits))


def history(folder: Path) -> list[int]:
    path = folder / "history.csv"
    if not path.exists():
        return []
    with path.open() as file:
        return [int(row["epoch"]) for row in csv.DictReader(file)]


@pytest.mark.slow
@pytest.mark.parametrize("patience", [0, 3])
def test_going_on_ends_as_if_nothing_had_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: int
) -> None:
    monkeypatch.setitem(MODELS, "small", small)
    settings = TrainSettings("small", 4, batch_size=8, seed=3, patience=patience)
    straight: list[Epoch] = []
    whole = fit(DATA, settings, straight.append)
    broken: list[Epoch] = []
    path = tmp_path / "checkpoint.npz"
    with pytest.raises(RuntimeError, match="the power failed"):
        fit(DATA, settings, broken.append, keeper=Notebook(path, 2))
    went_on = fit(DATA, settings, broken.append, keeper=Notebook(path, 0))
    assert [epoch.epoch for epoch in broken] == [1, 2, 3, 4]
    assert [epoch.loss for epoch in broken] == pytest.approx(
        [epoch.loss for epoch in straight], abs=1e-3
    )
    assert went_on.best_epoch == whole.best_epoch
    one, other = (
        predict(trained.model, DATA.valid, DATA.spec) for trained in (went_on, whole)
    )
    assert np.allclose(one, other, atol=1e-2)


@pytest.mark.slow
def test_patience_stops_and_takes_the_best_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(MODELS, "small", small)
    losses: list[float] = []
    settings = TrainSettings("small", 60, batch_size=8, patience=2, learning_rate=0.5)
    trained = fit(DATA, settings, lambda epoch: losses.append(epoch.valid_loss))
    assert trained.finished
    assert trained.epochs < 60
    assert trained.best_epoch == int(np.argmin(losses)) + 1
    assert trained.epochs == trained.best_epoch + 2


@pytest.mark.slow
def test_a_killed_run_goes_on_after_its_last_epoch(tmp_path: Path) -> None:
    arrays, folder = write(tmp_path / "x.npz"), tmp_path / "run"
    command = ("fit", arrays, "--out", folder, "--epochs", "20")
    kill_when(lambda: len(history(folder)) >= 3, *command)
    done_before = len(history(folder))
    state = json.loads((folder / "state.json").read_text())
    assert state["state"] == "running"
    # At most the last epoch is lost: its line is there, its weights may not be.
    assert done_before - 1 <= state["epochs"] <= done_before
    refused = run("fit", arrays, "--out", folder, "--epochs", "21")
    assert refused.returncode == 2
    assert "whose 'epochs' was 20, not 21" in refused.stderr
    with RunFolder(folder).held():
        second = run(*command)
    assert second.returncode == 2
    assert f"another process is training in {folder}" in second.stderr
    done = run(*command)
    assert done.returncode == 0, done.stderr
    assert f"going on with {folder} after epoch {state['epochs']}" in done.stderr
    assert history(folder) == list(range(1, 21))
    assert json.loads((folder / "state.json").read_text())["state"] == "finished"
    assert not (folder / "checkpoint.npz").exists()
    again = run(*command)
    assert again.returncode == 2
    assert "never writes over another one" in again.stderr


def test_a_damaged_checkpoint_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    arrays = (np.arange(3.0), np.ones((2, 2), np.float32))
    rng = dict(np.random.default_rng(1).bit_generator.state)
    Checkpoint(7, 1.5, rng, arrays).save(path)
    kept = Checkpoint.load(path)
    assert kept is not None
    assert (kept.epoch, kept.seconds, kept.rng) == (7, 1.5, rng)
    assert all(map(np.array_equal, kept.arrays, arrays))
    content = path.read_bytes()
    for damaged in (b"", content[:100], content[:-1], b"x" + content[1:]):
        path.write_bytes(damaged)
        assert Checkpoint.load(path) is None


def test_a_run_killed_while_it_was_made_may_be_begun_again(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    assert not folder.unfinished()
    folder.path.mkdir()
    assert not folder.unfinished()
    folder.mark("running", 0)
    assert folder.unfinished()
    assert not folder.has_checkpoint
    folder.mark("finished", 3)
    with pytest.raises(ConfigError, match="never writes over another one"):
        folder.unfinished()
    with (
        pytest.raises(ConfigError, match="never writes over another one"),
        folder.held(),
    ):
        pytest.fail("a run that had come to its end was taken up")
