"""Training once more on everything, and what may not be said of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.fitting import run_fit
from genre_train.loading import DataSettings
from genre_train.refitting import EVERYTHING, run_refit, settings_of
from genre_train.runs import RunFolder
from genre_train.trainsettings import TrainSettings


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a small arrays file."""
    folder = tmp_path_factory.mktemp("twin")
    rng = np.random.default_rng(0)
    genre = np.array(["falling", "rising"] * 6)
    slope = np.linspace(-2, 2, 128) * np.where(genre == "rising", 1, -1)[:, None]
    np.savez(
        folder / "arrays.npz",
        logmel=(rng.normal(size=(12, 128, 50)) + slope[:, :, None]).astype(np.float16),
        track=np.array([str(i) for i in range(12)]),
        genre=genre,
        split=np.array(["train"] * 8 + ["valid"] * 4),
    )
    run = folder / "run"
    settings = TrainSettings(epochs=1, batch_size=4)
    run_fit(DataSettings(folder / "arrays.npz"), settings, run, "ours")
    return run


@pytest.mark.slow
def test_it_learns_from_both_sides_with_the_same_settings(
    twin: Path, tmp_path: Path
) -> None:
    report = run_refit(twin, tmp_path / "all", None)
    assert report.exit_code == 0
    former, config = (RunFolder(run).config() for run in (twin, tmp_path / "all"))
    assert config["settings"] == former["settings"]
    assert config["trained_on"] == EVERYTHING
    assert Path(config["twin"]) == twin
    assert config["data"]["counts"]["train"]["tracks"] == 12
    assert not (tmp_path / "all" / "metrics.json").exists()
    assert RunFolder(tmp_path / "all").load_model().count_params() > 0


@pytest.mark.slow
def test_an_unfinished_twin_has_no_figures_to_stand_for_it(
    twin: Path, tmp_path: Path
) -> None:
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    (unfinished / "config.json").write_text((twin / "config.json").read_text())
    (unfinished / "state.json").write_text(
        json.dumps({"state": "interrupted", "epochs": 1})
    )
    with pytest.raises(ConfigError, match="is not finished or was leaky"):
        run_refit(unfinished, tmp_path / "all", None)


@pytest.mark.slow
def test_only_what_was_begun_from_a_run_is_begun_from_one(
    twin: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="was not begun from another run"):
        run_refit(twin, tmp_path / "all", None, twin)


@pytest.mark.slow
def test_only_what_has_learned_by_an_imitation_learns_by_another(
    twin: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="has learned by no imitation: leave"):
        run_refit(twin, tmp_path / "all", None, imitation=twin)


def test_a_run_of_another_version_is_not_repeated() -> None:
    config = {"settings": {"loop_frames": 216, "augment": {}}}
    with pytest.raises(ConfigError, match=r"another version .*'loop_frames'.* again"):
        settings_of(config)
