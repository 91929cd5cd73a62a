"""Every system learns, leaves a run folder, and says the same when asked again."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.compare import as_markdown, as_text, compare
from genre_train.runs import FINISHED, RunFolder
from genre_train.systems.experiment import (
    Settings,
    predictions_of,
    run_experiment,
    score_again,
)
from genre_train.systems.registry import SYSTEMS

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.systems.inputs import Sources

pytestmark = pytest.mark.slow

EPOCHS = dict.fromkeys(SYSTEMS, 4)
# Fed with decibels as they are, two of these jump before they settle.
EPOCHS |= {"flat-cnn-first": 10, "flat-cnn-2x2": 10, "image-cnn": 8}


def losses(folder: Path) -> list[float]:
    with (folder / "history.csv").open() as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def runs(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One honest run of each system, a few epochs long."""
    home = tmp_path_factory.mktemp("runs")
    for name in SYSTEMS:
        run_experiment(sources, Settings(name, epochs=EPOCHS[name]), home / name)
    return home


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_learns_and_its_run_tells_everything(runs: Path, name: str) -> None:
    folder = RunFolder(runs / name)
    found = losses(folder.path)
    assert min(found[1:]) < found[0]
    assert folder.state() == {"state": FINISHED, "epochs": EPOCHS[name]}
    config = folder.config()
    assert config["system"] == config["settings"]["model"] == name
    assert config["protocol"] == "honest"
    assert config["data"]["counts"]["valid"]["tracks"] == 10
    metrics = json.loads((folder.path / "metrics.json").read_text())
    assert metrics["parameters"] == folder.load_model().count_params()
    assert set(folder.sides().values()) == {"train", "valid"}
    assert len(folder.sides()) == 30
    assert not list(folder.path.glob("*part*"))


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_run_scores_alike_when_it_is_loaded_again(runs: Path, name: str) -> None:
    stored = json.loads((runs / name / "metrics.json").read_text())
    again = score_again(RunFolder(runs / name))
    assert again == {key: stored[key] for key in again}


def test_predictions_are_probabilities_with_spectrograms(runs: Path) -> None:
    said = predictions_of(RunFolder(runs / "flat-cnn"))
    np.testing.assert_allclose(said.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert said.pictures is not None
    assert said.pictures.shape == (10, 128, 128)
    loud_bands = said.pictures[said.genre == 0].mean(axis=(0, 2))
    assert loud_bands[64:].min() > loud_bands[:64].max()
    assert predictions_of(RunFolder(runs / "feature-mlp")).pictures is None


def test_a_leaky_run_is_stamped_wherever_it_shows(
    sources: Sources, tmp_path: Path
) -> None:
    from genre_train.systems.listing import render  # noqa: PLC0415

    runs = [tmp_path / "honest", tmp_path / "leaky"]
    for run in runs:
        settings = Settings("feature-dnn", run.name, clips=True, epochs=1)
        run_experiment(sources, settings, run)
    config = RunFolder(runs[1]).config()
    assert config["protocol"] == "leaky"
    assert config["data"]["split"].startswith("leaky: ")
    metrics = json.loads((runs[1] / "metrics.json").read_text())
    assert "LEAKY accuracy" in render(metrics)
    assert "leaky" in render(metrics).splitlines()[0]
    with (runs[1] / "split.csv").open() as file:
        rows = [(row["track"], row["split"]) for row in csv.DictReader(file)]
    assert len(rows) > len({track for track, _ in rows})
    rows_of = compare(runs)
    assert len(rows_of) == 1
    for table in (as_text(rows_of), as_markdown(rows_of)):
        assert "LEAKY accuracy" in table.splitlines()[0]
        assert table.splitlines()[-1].count("LEAKY") == 1
    assert "92.93 %" in as_markdown(rows_of)


def test_a_system_that_keeps_songs_apart_refuses_to_leak() -> None:
    with pytest.raises(ConfigError, match="its source keeps songs apart"):
        Settings("time-axis-cnn", "leaky")


def test_changed_data_are_noticed(sources: Sources, tmp_path: Path) -> None:
    assert sources.table is not None
    changed = tmp_path / "table.csv"
    changed.write_bytes(sources.table.read_bytes())
    from genre_train.systems.inputs import Sources as Some  # noqa: PLC0415

    run = tmp_path / "run"
    run_experiment(Some.of([changed]), Settings("feature-mlp", epochs=1), run)
    changed.write_text(changed.read_text().replace("0.", "1.", 1))
    with pytest.raises(ConfigError, match="has changed since the run was trained"):
        score_again(RunFolder(run))
    changed.unlink()
    with pytest.raises(ConfigError, match="say where they are with --data"):
        score_again(RunFolder(run))
    back = score_again(RunFolder(run), [sources.table])
    assert back["window"]["accuracy"]["n"] == 10


def test_early_stopping_watches_tracks_that_are_not_trained_on(
    sources: Sources, tmp_path: Path
) -> None:
    run = run_experiment(sources, Settings("flat-cnn-2x2", epochs=1), tmp_path / "run")
    assert run.config()["data"]["stopped_by"] == 4
    assert run.config()["data"]["counts"]["train"]["tracks"] == 20
