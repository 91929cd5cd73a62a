"""What a report says: gathered from a run folder, of whatever system."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.probabilities import softmax
from genre_train.loading import load_again
from genre_train.predicting import predict
from genre_train.runs import RunFolder
from genre_train.systems.experiment import predictions_of
from genre_train.systems.scoring import Predictions, figures
from genre_train.systems.sides import LEAKY

if TYPE_CHECKING:
    from pathlib import Path

_MISTAKES = 6


@dataclass(frozen=True)
class Mistake:
    """An example that the network named wrongly, and how sure it was."""

    track: str
    said: str
    named: str
    confidence: float
    """Uncalibrated probability of the wrong name."""
    picture: np.ndarray[Any, np.dtype[np.float32]] | None
    """Shape (bands, frames)."""


@dataclass(frozen=True)
class Content:
    """Everything that a report shows."""

    title: str
    leaky: bool
    facts: dict[str, str]
    predictions: Predictions
    figures: dict[str, Any]
    """As ``systems.scoring.figures`` returns them."""
    history: dict[str, list[float]]
    """Columns of ``history.csv`` by name."""
    mistakes: list[Mistake]


def gather(run: Path, data: list[Path] | None) -> Content:
    """Load a run, ask its network again, and score what it says.

    Parameters
    ----------
    data : list of Path or None
        Where the data are now, if they have moved.

    Raises
    ------
    ConfigError
        If the run has no model, or its data are gone or changed.
    """
    folder = RunFolder(run)
    config = folder.config()
    if "system" in config:
        predictions = predictions_of(folder, data)
    else:
        predictions = _own_predictions(folder, config, data)
    described = config["data"]
    leaky = bool(described.get("leaky")) or config.get("protocol") == LEAKY
    counts, state = described["counts"], folder.state()
    return Content(
        title=run.resolve().name,
        leaky=leaky,
        facts={
            "system": config["settings"]["model"],
            "split": described["split"],
            "trained on": _side(counts["train"]),
            "held out": _side(counts["valid"]),
            "data": described["name"],
            "licence of the data": described["licence"],
            "training": f"{state['epochs']} epochs, {state['state']}, "
            f"seed {config['settings']['seed']}",
            "started": config["started"],
            "commit": config["commit"] or "not known",
        },
        predictions=predictions,
        figures=figures(predictions),
        history=_history(run / "history.csv"),
        mistakes=_mistakes(predictions),
    )


def _own_predictions(
    folder: RunFolder, config: dict[str, Any], data: list[Path] | None
) -> Predictions:
    """Ask the project's own network, about patches as the daemon hears them."""
    loaded = load_again(config, data[0] if data else None)
    patches = loaded.valid.looped(loaded.spec.patch_frames, loaded.spec.top_db)
    return Predictions(
        loaded.labels,
        softmax(predict(folder.load_model(), patches, loaded.spec)),
        patches.genre.astype(np.int64),
        patches.track,
        patches.patches.transpose(0, 2, 1),
    )


def _side(counts: dict[str, Any]) -> str:
    return f"{counts['windows']} examples of {counts['tracks']} tracks"


def _history(path: Path) -> dict[str, list[float]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return (
        {name: [float(row[name]) for row in rows] for name in rows[0]} if rows else {}
    )


def _mistakes(predictions: Predictions) -> list[Mistake]:
    """Return the wrong names that the network was surest of, one a track."""
    probabilities = predictions.probabilities
    named, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(named != predictions.genre)
    chosen: dict[str, Mistake] = {}
    for i in wrong[np.argsort(-confidence[wrong], kind="stable")]:
        track = str(predictions.track[i])
        if track not in chosen and len(chosen) < _MISTAKES:
            chosen[track] = Mistake(
                track,
                predictions.labels[predictions.genre[i]],
                predictions.labels[named[i]],
                float(confidence[i]),
                None if predictions.pictures is None else predictions.pictures[i],
            )
    return list(chosen.values())
