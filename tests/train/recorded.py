"""Finished runs, folds and data folders to try on, without a training."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import soundfile

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


_SECONDS = 10.0


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
    """Lay out a data folder with the beginnings of a few recordings of each kind."""
    for kind in ("music", "speech"):
        (to / "music_speech" / kind).mkdir(parents=True)
        for path in sorted((data / "music_speech" / kind).glob("*.opus"))[:4]:
            _begin(path, to / "music_speech" / kind / path.name)
    for kind, step in (("free_music", 200), ("esc10", 27)):
        head, *rows = (data / kind / "index.csv").read_text().splitlines(keepends=True)
        few = rows[::step]
        (to / kind).mkdir()
        (to / kind / "index.csv").write_text("".join([head, *few]))
        for row in csv.DictReader([head, *few]):
            _begin(data / kind / row["file"], to / kind / row["file"])
    return to


def _begin(recording: Path, to: Path) -> None:
    """Copy its first seconds: hearing all of it takes long."""
    with soundfile.SoundFile(recording) as file:
        samples = file.read(round(_SECONDS * file.samplerate), dtype="float32")
        soundfile.write(
            to, samples, file.samplerate, format=file.format, subtype=file.subtype
        )
