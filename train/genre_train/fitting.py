"""What ``genre-train fit`` does, from data to a run folder."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_train.evaluation import evaluate, render
from genre_train.imitation.classifying import classify
from genre_train.ingredients import Ingredients
from genre_train.loading import DataSettings, load
from genre_train.progress import progress
from genre_train.runs import FINISHED, INTERRUPTED, RunFolder
from genre_train.surroundings import commit, versions
from genre_train.training import Epoch, Trained, discount_no_music, fit, measure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from genre_train.batching import Scenery
    from genre_train.dataset import DataSet
    from genre_train.earlier import EarlierRun
    from genre_train.trainsettings import TrainSettings

logger = logging.getLogger(__name__)

_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


@dataclass(frozen=True)
class FitReport:
    """What to tell the user at the end."""

    text: str
    exit_code: int


def run_fit(  # noqa: PLR0913 - all that a run is made of
    where: DataSettings,
    settings: TrainSettings,
    out: Path,
    licence: str,
    *,
    earlier: EarlierRun | None = None,
    ingredients: Ingredients | None = None,
) -> FitReport:
    """Load the data, train, score, and leave a run folder.

    An unfinished run of the same settings and data is gone on with after its last
    epoch.

    Parameters
    ----------
    earlier : EarlierRun, optional
        Whose weights to begin with.
    ingredients : Ingredients, optional
        What to learn from beside the labelled music.

    Raises
    ------
    ConfigError
        If the data or the folder cannot be used, before any training.
    """
    folder = RunFolder(out)
    folder.unfinished()  # so that no data are read in vain
    ingredients = ingredients or Ingredients()
    data = ingredients.prepare_data(load(where))
    if earlier is not None and ingredients.imitation is not None:
        raise ConfigError(
            "--imitation is another beginning than --from: leave one of them out"
        )
    prepare = None if earlier is None else earlier.preparation(settings, data)
    config = describe(where, settings, data, licence, earlier)
    config["ingredients"] = ingredients.to_json()
    with folder.held() as unfinished:
        if unfinished and folder.has_checkpoint:
            folder.require_same(config)
            logger.info(
                "going on with %s after epoch %d", out, folder.state()["epochs"]
            )
        else:
            folder.begin(config, data)
        logger.info(
            "training on %d windows of %d genres, %d held out",
            len(data.train),
            len(data.labels),
            len(data.valid),
        )
        scenery = ingredients.scenery(data, settings)
        trained = train_into(folder, data, settings, prepare, scenery)
        return _score(folder, trained, data, settings)


def _score(
    folder: RunFolder, trained: Trained, data: DataSet, settings: TrainSettings
) -> FitReport:
    """Keep what was trained, with its figures, and tell of it."""
    out = folder.path
    state = FINISHED if trained.finished else INTERRUPTED
    exit_code = 0 if trained.finished else _INTERRUPTED
    if not trained.epochs:
        folder.mark(state, 0)
        return FitReport(f"{out}: stopped before the first epoch, no model", exit_code)
    folder.save_model(trained.model)
    metrics = evaluate(trained.model, data)
    if trained.best_epoch is not None:
        metrics["epoch_chosen_on"] = "valid, so that its figures flatter a little"
    folder.save_metrics(metrics)
    folder.mark(state, trained.epochs)
    lines = [render(metrics, data.spec), ""]
    if not trained.finished:
        lines.append(f"stopped after {trained.epochs} of {settings.epochs} epochs")
    if trained.best_epoch is not None:
        lines.append(
            f"the weights are those of epoch {trained.best_epoch} of {trained.epochs}, "
            "chosen by the loss on the held-out tracks, so that the figures flatter a "
            "little"
        )
    if data.faults:
        lines.append(f"{len(data.faults)} file(s) were left out, see config.json")
    return FitReport("\n".join([*lines, f"run {out} ({state})"]), exit_code)


def train_into(
    folder: RunFolder,
    data: DataSet,
    settings: TrainSettings,
    prepare: Callable[[Any], None] | None,
    scenery: Scenery,
) -> Trained:
    """Train, with every epoch shown and written to the run folder.

    Where there is an imitation, the labels are learned upon it instead, in one pass.
    """
    if scenery.imitation is not None:
        return _learn_upon_imitation(folder, data, settings, scenery)
    done = folder.state()["epochs"] if folder.has_checkpoint else 0
    with progress("epoch", settings.epochs, done) as step:

        def record(epoch: Epoch) -> None:
            folder.append(epoch)
            step(f"loss {epoch.loss:.3f}, held out {epoch.valid_accuracy:.3f}")

        return fit(
            data, settings, record, keeper=folder, prepare=prepare, scenery=scenery
        )


def _learn_upon_imitation(
    folder: RunFolder, data: DataSet, settings: TrainSettings, scenery: Scenery
) -> Trained:
    begin = time.monotonic()
    model = classify(data, scenery, settings)
    discount_no_music(model, data.labels, settings.no_music_margin)
    seconds = time.monotonic() - begin
    _, loss = measure(model, data.train, data.spec)
    accuracy, valid_loss = measure(model, data.valid, data.spec)
    folder.append(Epoch(1, loss, accuracy, valid_loss, seconds))
    return Trained(model, epochs=1, finished=True)


def describe(
    where: DataSettings,
    settings: TrainSettings,
    data: DataSet,
    licence: str,
    earlier: EarlierRun | None = None,
) -> dict[str, Any]:
    """Return the content of ``config.json``: all that is needed to repeat a run."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": asdict(settings),
        "labels": list(data.labels),
        "spec": data.spec.to_json(),
        "data": {
            "name": data.name,
            "path": str(where.path.resolve()),
            "sha256": data.sha256,
            "split": data.split,
            "leaky": data.leaky,
            "sides_sha256": data.sides_sha256,
            "begun_from": None if earlier is None else str(earlier.folder.path),
            **where.to_json(),
            "window_frames": int(data.train.patches.shape[1]),
            "counts": data.counts(),
            "licence": licence,
            "left_out": list(data.faults),
        },
        "versions": versions(),
        "commit": commit(),
    }
