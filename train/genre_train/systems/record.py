"""What an experiment writes into its run folder as it goes.

The same files as ``genre_train.runs`` names. A track of a leaky run has two lines in
``split.csv``, one a side: that is the leak.
"""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_train.dataset import TRAIN, VALID
from genre_train.systems.protocol import SystemEpoch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from genre_train.runs import RunFolder
    from genre_train.systems.material import Material
    from genre_train.systems.sides import Sides


def begin(
    folder: RunFolder, config: dict[str, Any], material: Material, sides: Sides
) -> None:
    """Write down what is about to be done in a folder that is held."""
    columns = [field.name for field in fields(SystemEpoch)]
    folder.write_first(config, _split(material, sides), columns)


def read_metrics(folder: Path) -> dict[str, Any]:
    """Read the figures of a run.

    Raises
    ------
    ConfigError
        If it has none, or they are damaged.
    """
    path = folder / "metrics.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{folder} has no figures ({path.name}: {error.strerror}): let the "
            "training end, or train again with 'genre-train fit'"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{path} is damaged: {error}") from error
    return dict(content)


def _split(material: Material, sides: Sides) -> list[tuple[str, str, str]]:
    examples = material.examples
    rows = {
        (VALID if out else TRAIN, track, material.labels[genre])
        for track, genre, out in zip(
            examples.track.tolist(),
            examples.genre.tolist(),
            sides.mask(len(examples)).tolist(),
            strict=True,
        )
    }
    return [(track, genre, side) for side, track, genre in sorted(rows)]


def recorder(
    folder: RunFolder, step: Callable[[str], None]
) -> Callable[[SystemEpoch], None]:
    """Return what adds an epoch to the history and moves the progress bar."""

    def record(epoch: SystemEpoch) -> None:
        with (folder.path / "history.csv").open("a", newline="") as file:
            csv.writer(file).writerow(
                f"{value:.4f}" if isinstance(value, float) else value
                for value in asdict(epoch).values()
            )
        step(f"loss {epoch.loss:.3f}, held out {epoch.valid_accuracy:.3f}")

    return record
