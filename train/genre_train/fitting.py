"""What ``genre-train fit`` does, from data to a run folder."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from genre_train.evaluation import evaluate, render
from genre_train.loading import DataSettings, load
from genre_train.progress import progress
from genre_train.runs import FINISHED, INTERRUPTED, RunFolder
from genre_train.surroundings import commit, versions
from genre_train.training import Epoch, TrainSettings, fit

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.dataset import DataSet

logger = logging.getLogger(__name__)

_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


@dataclass(frozen=True)
class FitReport:
    """What to tell the user at the end."""

    text: str
    exit_code: int


def run_fit(
    where: DataSettings, settings: TrainSettings, out: Path, licence: str
) -> FitReport:
    """Load the data, train, score, and leave a run folder.

    Raises
    ------
    ConfigError
        If the data or the folder cannot be used, before any training.
    """
    folder = RunFolder(out)
    folder.require_new()
    data = load(where)
    folder.begin(describe(where, settings, data, licence), data)
    logger.info(
        "training on %d windows of %d genres, %d held out",
        len(data.train),
        len(data.labels),
        len(data.valid),
    )
    with progress("epoch", settings.epochs) as step:

        def record(epoch: Epoch) -> None:
            folder.append(epoch)
            step(f"loss {epoch.loss:.3f}, held out {epoch.valid_accuracy:.3f}")

        trained = fit(data, settings, record)
    state = FINISHED if trained.finished else INTERRUPTED
    exit_code = 0 if trained.finished else _INTERRUPTED
    if not trained.epochs:
        folder.mark(state, 0)
        return FitReport(f"{out}: stopped before the first epoch, no model", exit_code)
    folder.save_model(trained.model)
    metrics = evaluate(trained.model, data)
    folder.save_metrics(metrics)
    folder.mark(state, trained.epochs)
    lines = [render(metrics, data.spec), ""]
    if not trained.finished:
        lines.append(f"stopped after {trained.epochs} of {settings.epochs} epochs")
    if data.faults:
        lines.append(f"{len(data.faults)} file(s) were left out, see config.json")
    return FitReport("\n".join([*lines, f"run {out} ({state})"]), exit_code)


def describe(
    where: DataSettings, settings: TrainSettings, data: DataSet, licence: str
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
            "valid_fraction": where.valid_fraction,
            "window_frames": int(data.train.patches.shape[1]),
            "counts": data.counts(),
            "licence": licence,
            "left_out": list(data.faults),
        },
        "versions": versions(),
        "commit": commit(),
    }
