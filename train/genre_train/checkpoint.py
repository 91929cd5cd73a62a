"""Where a training stood after an epoch: enough to go on as if nothing had happened.

Kept are the weights with the statistics of the norms and the state of dropout, the
optimizer with its averages and its place in the schedule, the random generator that
draws batches and augmentation, and the best epoch so far.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from genre_train.backend import load_keras
from genre_train.durable import SEAL_BYTES, is_sealed, sealing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Arrays = tuple["NDArray[np.generic]", ...]


@dataclass(frozen=True)
class Best:
    """The epoch with the lowest loss on the held-out side."""

    epoch: int = 0
    loss: float = math.inf
    arrays: Arrays = ()
    """What :func:`take` gave then."""


@dataclass(frozen=True)
class Checkpoint:
    """A training after an epoch."""

    epoch: int
    """Counted from 1."""
    seconds: float
    """Spent so far."""
    rng: dict[str, Any]
    """State of the bit generator."""
    arrays: Arrays
    """What :func:`take` gave."""
    best: Best = field(default_factory=Best)

    def save(self, path: Path) -> None:
        """Write it, replacing the one before in one step."""
        story = {
            "epoch": self.epoch,
            "seconds": self.seconds,
            "rng": self.rng,
            "best_epoch": self.best.epoch,
            "best_loss": self.best.loss,
        }
        named = {f"now{i}": array for i, array in enumerate(self.arrays)}
        named |= {f"best{i}": array for i, array in enumerate(self.best.arrays)}
        with sealing(path) as file:
            np.savez(file, allow_pickle=False, story=json.dumps(story), **named)

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Read it; None if there is none, or it is damaged."""
        if not is_sealed(path):
            return None
        try:
            content = io.BytesIO(path.read_bytes()[:-SEAL_BYTES])
            with np.load(content, allow_pickle=False) as archive:
                story = json.loads(str(archive["story"]))
                now, best = (_listed(archive, name) for name in ("now", "best"))
            return cls(
                story["epoch"],
                story["seconds"],
                story["rng"],
                now,
                Best(story["best_epoch"], story["best_loss"], best),
            )
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None  # sealed, but by a version that wrote something else


def take(model: Any) -> Arrays:  # noqa: ANN401 - keras is untyped
    """Copy everything that training changes in a compiled model."""
    keras = load_keras()
    # Copied: on some backends the array is a view of what the next step changes.
    return tuple(
        np.array(keras.ops.convert_to_numpy(variable)) for variable in _state(model)
    )


def put(model: Any, arrays: Arrays) -> None:  # noqa: ANN401 - keras is untyped
    """Put back what :func:`take` gave for a model built in the same way.

    Raises
    ------
    ValueError
        If it was another model.
    """
    for variable, array in zip(_state(model), arrays, strict=True):
        variable.assign(array)


def _state(model: Any) -> list[Any]:  # noqa: ANN401 - keras is untyped
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]


def _listed(archive: Any, name: str) -> Arrays:  # noqa: ANN401 - numpy's NpzFile
    count = sum(key.startswith(name) for key in archive.files)
    return tuple(archive[f"{name}{i}"] for i in range(count))
