"""Train once more on everything, once nothing is left to choose.

The network that is shipped has learned from the held-out tracks too, and from the
held-out recordings of its background, so that nothing is left to score it on. Its
figures are those of its twin: the run with the same settings that was trained on the
training side alone.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_train.augment import AugmentSettings
from genre_train.dataset import Windows
from genre_train.earlier import EarlierRun
from genre_train.fitting import FitReport, train_into
from genre_train.ingredients import Ingredients
from genre_train.loading import load_again
from genre_train.runs import FINISHED, INTERRUPTED, RunFolder
from genre_train.surroundings import commit, versions
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.dataset import DataSet

logger = logging.getLogger(__name__)

EVERYTHING = "train and valid"
"""What a refitted run says it was trained on."""

_INTERRUPTED_CODE = 130  # 128 + SIGINT, as a shell reports it


def run_refit(
    twin: Path,
    out: Path,
    data: Path | None,
    begin: Path | None = None,
    imitation: Path | None = None,
) -> FitReport:
    """Train with the settings of a finished run on both sides of its split.

    Parameters
    ----------
    twin : Path
        The run whose settings, data and figures are taken over.
    data : Path or None
        Where the data are, if they have moved.
    begin : Path, optional
        If the twin was begun from an earlier run: that run, refitted.
    imitation : Path, optional
        If the twin has learned by an imitation: another one, to learn by instead.

    Raises
    ------
    ConfigError
        If the twin is not finished, was leaky, its data are gone or changed, it was
        begun from a run and ``begin`` was not, or it had no imitation.
    """
    former = RunFolder(twin)
    config = former.config()
    if former.state()["state"] != FINISHED or config["data"].get("leaky"):
        raise ConfigError(
            f"{twin} is not finished or was leaky: its figures would say nothing of "
            "what is trained here"
        )
    if (config["data"].get("begun_from") is None) != (begin is None):
        raise ConfigError(
            f"{twin} was begun from another run: refit that one first, and name what "
            "came of it with --from"
            if begin is None
            else f"{twin} was not begun from another run: leave --from out"
        )
    folder = RunFolder(out)
    folder.unfinished()  # so that no data are read in vain
    settings = settings_of(config)
    ingredients = _ingredients(config, twin, imitation)
    known = load_again(config, data)
    whole = replace(known, train=Windows.joined(known.train, known.valid))
    described = _describe(config, twin, whole, ingredients)
    with folder.held() as unfinished:
        if unfinished and folder.has_checkpoint:
            folder.require_same(described)
        else:
            folder.begin(described, whole)
        logger.info("training on all %d windows", len(whole.train))
        scenery = ingredients.scenery(whole, settings, everything=True)
        prepare = (
            None
            if begin is None
            else EarlierRun.open(begin).preparation(settings, whole)
        )
        trained = train_into(folder, whole, settings, prepare, scenery)
        state = FINISHED if trained.finished else INTERRUPTED
        if trained.epochs:
            folder.save_model(trained.model)
        folder.mark(state, trained.epochs)
    text = f"run {out} ({state}), nothing held out: its figures are those of {twin}"
    return FitReport(text, 0 if trained.finished else _INTERRUPTED_CODE)


def settings_of(config: dict[str, Any]) -> TrainSettings:
    """Return the settings of a run, to train with them on other tracks.

    Parameters
    ----------
    config : dict
        Content of the run's ``config.json``.

    Raises
    ------
    ConfigError
        If its held-out side chose the last epoch, or another version trained it.
    """
    values = dict(config["settings"])
    try:
        augment = AugmentSettings(**values.pop("augment"))
        settings = TrainSettings(**values, augment=augment)
    except TypeError as error:
        raise ConfigError(
            f"the run was trained by another version of genre-train ({error}): train "
            "it again with this one"
        ) from error
    if settings.patience:
        raise ConfigError(
            "the last epoch of the run was chosen by its held-out side, which is not "
            "there to choose here: train the run without --patience"
        )
    return settings


def _ingredients(
    config: dict[str, Any], twin: Path, imitation: Path | None
) -> Ingredients:
    former = Ingredients.of(config)
    if imitation is None:
        return former
    if former.imitation is None:
        raise ConfigError(f"{twin} has learned by no imitation: leave --imitation out")
    return replace(former, imitation=imitation)


def _describe(
    config: dict[str, Any], twin: Path, whole: DataSet, ingredients: Ingredients
) -> dict[str, Any]:
    return {
        **config,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": asdict(settings_of(config)),
        "trained_on": EVERYTHING,
        "twin": str(twin.resolve()),
        "ingredients": ingredients.to_json(),
        "data": {**config["data"], "counts": whole.counts()},
        "versions": versions(),
        "commit": commit(),
    }
