"""One fold: everything that has seen labels is trained again without its tracks.

=============  ================================================================
``RUN/``       a run folder for each training, named as its model was
``patch.npz``  logits of the held-out windows, looped to the length of the
               daemon's patch
=============  ================================================================
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from genre_train.backend import load_keras
from genre_train.earlier import EarlierRun
from genre_train.fitting import run_fit
from genre_train.heldout import HeldOut
from genre_train.loading import load_again
from genre_train.predicting import predict
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.crossvalidation.recipe import Recipe, Stage
    from genre_train.folds import Fold

logger = logging.getLogger(__name__)

PATCH = "patch"
"""What is heard of a held-out track."""


def is_done(folder: Path) -> bool:
    """Whether the folder of a fold holds all that is to be known of it."""
    return (folder / f"{PATCH}.npz").is_file()


def repeat(recipe: Recipe, fold: Fold, folder: Path) -> None:
    """Train all stages on the other folds, and hear this one.

    What is there already is not done again.

    Raises
    ------
    ConfigError
        If something cannot be trained as it was.
    KeyboardInterrupt
        If a training was interrupted; what was learned stays.
    """
    for stage in recipe.stages:
        _train(stage, fold, folder)
    if not is_done(folder):
        _hear(RunFolder(folder / recipe.last.name), fold, folder)


def _train(stage: Stage, fold: Fold, folder: Path) -> None:
    out = folder / stage.name
    if RunFolder(out).finished:
        return
    logger.info("fold %d of %d: %s", fold.number, fold.of, stage.name)
    load_keras().utils.clear_session(free_memory=True)
    report = run_fit(
        replace(stage.where, fold=fold),
        stage.settings,
        out,
        stage.licence,
        earlier=None if stage.begin is None else EarlierRun.open(folder / stage.begin),
        ingredients=stage.ingredients,
    )
    if report.exit_code:
        raise KeyboardInterrupt


def _hear(run: RunFolder, fold: Fold, folder: Path) -> None:
    """Write down what the network says of the tracks that it has not heard."""
    data, model = load_again(run.config(), None), run.load_model()
    logits = predict(model, data.valid, data.spec)
    held = HeldOut(logits, data.valid.genre, data.valid.track, f"fold {fold.number}")
    held.save(folder / f"{PATCH}.npz", data.labels)
