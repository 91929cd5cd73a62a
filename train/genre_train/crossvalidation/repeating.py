"""One fold: everything that has seen labels is trained again without its tracks.

===================  ==========================================================
``RUN/``             a run folder for each training, named as its model was
``soft-labels.npz``  what the fold's own teachers think of unlabelled music
``window.npz``       logits of the held-out windows, as they are
``patch.npz``        the same, looped to the length of the daemon's patch
===================  ==========================================================
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
from genre_train.runs import RunFolder
from genre_train.teachers import make_soft_labels
from genre_train.training import predict

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.crossvalidation.recipe import Recipe, Stage
    from genre_train.folds import Fold

logger = logging.getLogger(__name__)

WINDOW, PATCH = "window", "patch"
"""What is heard of a held-out track."""

_SOFT_LABELS = "soft-labels.npz"


def is_done(folder: Path) -> bool:
    """Whether the folder of a fold holds all that is to be known of it."""
    return (folder / f"{PATCH}.npz").is_file()  # written last


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
    for stage in recipe.teaching:
        _train(stage, fold, folder, None)
    soft = None
    if recipe.asked:
        soft = folder / _SOFT_LABELS
        _ask_teachers(recipe, folder, soft)
    for stage in recipe.students:
        _train(stage, fold, folder, soft)
    if not is_done(folder):
        _hear(RunFolder(folder / recipe.last.name), fold, folder)


def _train(stage: Stage, fold: Fold, folder: Path, soft: Path | None) -> None:
    out = folder / stage.name
    if RunFolder(out).finished:
        return
    logger.info("fold %d of %d: %s", fold.number, fold.of, stage.name)
    load_keras().utils.clear_session(free_memory=True)
    wanted = stage.ingredients.soft_labels and soft
    report = run_fit(
        replace(stage.where, fold=fold),
        stage.settings,
        out,
        stage.licence,
        earlier=None if stage.begin is None else EarlierRun.open(folder / stage.begin),
        ingredients=replace(stage.ingredients, soft_labels=wanted),
    )
    if report.exit_code:
        raise KeyboardInterrupt


def _ask_teachers(recipe: Recipe, folder: Path, out: Path) -> None:
    if out.exists():
        return
    music = next(
        stage.ingredients.background
        for stage in recipe.students
        if stage.ingredients.soft_labels
    )
    assert music is not None  # noqa: S101 - soft labels are of music in the background
    logger.info(
        "%s", make_soft_labels(music, [folder / one for one in recipe.asked], out)
    )


def _hear(run: RunFolder, fold: Fold, folder: Path) -> None:
    """Write down what the network says of the tracks that it has not heard."""
    data, model = load_again(run.config(), None), run.load_model()
    looped = data.valid.looped(data.spec.patch_frames, data.spec.top_db)
    for name, windows in ((WINDOW, data.valid), (PATCH, looped)):
        logits = predict(model, windows)
        held = HeldOut(logits, windows.genre, windows.track, f"fold {fold.number}")
        held.save(folder / f"{name}.npz", data.labels)
