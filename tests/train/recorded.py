"""Finished runs, folds and data folders to try on, without a training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from genre_train.fitting import describe
from genre_train.heldout import HeldOut
from genre_train.ingredients import Ingredients
from genre_train.loading import load
from genre_train.runs import FINISHED, RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.crossvalidation.validating import CrossValidation
    from genre_train.earlier import EarlierRun
    from genre_train.loading import DataSettings
    from genre_train.trainsettings import TrainSettings


def write_arrays(path: Path, tracks: int = 12, frames: int = 50) -> Path:
    """Write spectra that fall or rise, a track each."""
    rng = np.random.default_rng(0)
    genre = np.resize(["falling", "rising"], tracks)
    slope = np.linspace(-2, 2, 128) * np.where(genre == "rising", 1, -1)[:, None]
    noise = rng.normal(size=(tracks, 128, frames))
    np.savez(
        path,
        logmel=(noise + slope[:, :, None]).astype(np.float16),
        track=np.array([f"{i:02d}" for i in range(tracks)]),
        genre=genre,
        split=np.array(["train"] * (tracks - 4) + ["valid"] * 4),
    )
    return path


def record(
    out: Path,
    where: DataSettings,
    settings: TrainSettings,
    earlier: EarlierRun | None = None,
    ingredients: Ingredients | None = None,
) -> Path:
    """Write down a run of these settings as ``genre-train fit`` would."""
    ingredients = ingredients or Ingredients()
    data = ingredients.prepare_data(load(where))
    config = describe(where, settings, data, "ours", earlier)
    folder = RunFolder(out)
    with folder.held():
        folder.begin(config | {"ingredients": ingredients.to_json()}, data)
        folder.mark(FINISHED, settings.epochs)
    return out


def pretend(validation: CrossValidation, number: int, right: float) -> None:
    """Leave what a fold leaves whose networks name this share of it rightly."""
    recipe, folder = validation.recipe, validation.folder(number)
    for stage in recipe.stages:
        (folder / stage.name).mkdir(parents=True, exist_ok=True)
        (folder / stage.name / "history.csv").write_text("seconds\n60\n")
    held = load(replace(recipe.last.where, fold=validation.fold(number))).valid
    place = np.arange(len(held))
    named = np.where(place < right * len(held), held.genre, 1 - held.genre)
    logits = np.eye(2, dtype=np.float32)[named]
    said = HeldOut(logits, held.genre, held.track, "made up")
    said.save(folder / "patch.npz", recipe.labels)


def excerpt(data: Path, to: Path) -> Path:
    """Lay out a data folder with a few recordings of each kind."""
    for kind in ("music", "speech"):
        (to / "music_speech" / kind).mkdir(parents=True)
        for path in sorted((data / "music_speech" / kind).glob("*.opus"))[:4]:
            (to / "music_speech" / kind / path.name).symlink_to(path)
    for kind, step in (("free_music", 200), ("esc10", 27)):
        head, *rows = (data / kind / "index.csv").read_text().splitlines(keepends=True)
        (to / kind).mkdir()
        (to / kind / "index.csv").write_text("".join([head, *rows[::step]]))
        for path in (data / kind).iterdir():
            if path.suffix != ".csv":
                (to / kind / path.name).symlink_to(path)
    return to
