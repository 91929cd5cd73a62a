"""A whole cross-validation: all folds in one folder, by one process or several.

=========================  ======================================================
``config.json``            what is repeated; written first, and never changed
``fold-1/`` and so on      see :mod:`genre_train.crossvalidation.repeating`
``held-out.npz``           logits of all tracks at the length of the daemon's patch,
                           for ``genre-export build --held-out``
``cross-validation.json``  the figures; written when all folds are done
=========================  ======================================================
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_train.crossvalidation.repeating import is_done, repeat
from genre_train.crossvalidation.results import (
    gather,
    joined,
    read_folds,
    training_seconds,
)
from genre_train.durable import alone_in, replacing
from genre_train.folds import Fold
from genre_train.loading import load
from genre_train.runs import RunFolder
from genre_train.surroundings import commit, versions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from genre_train.crossvalidation.recipe import Recipe

logger = logging.getLogger(__name__)

RESULT = "cross-validation.json"


@dataclass(frozen=True)
class CrossValidation:
    """A recipe, to be repeated on the folds of its data."""

    recipe: Recipe
    out: Path
    folds: int = 5
    seed: int = 0
    """Of the folds; trainings have their own."""
    sides: bool = False
    """Whether the folds are the two sides that the data come with."""

    def fold(self, number: int) -> Fold:
        """Return one of the folds, counted from 1."""
        return Fold(number, self.folds, self.seed, sides=self.sides)

    def folder(self, number: int) -> Path:
        """Return where one of the folds is."""
        return self.out / f"fold-{number}"

    def begin(self) -> None:
        """Write down what is about to be done, or check that it is the same.

        Raises
        ------
        ConfigError
            If something else is in the folder, or the data have changed.
        """
        config = self._describe()
        folder = RunFolder(self.out)
        if (self.out / "config.json").exists():
            folder.require_same(config)
            return
        if self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
            raise ConfigError(
                f"{self.out} holds something else: give a new folder with --out"
            )
        last = self.recipe.last
        if load(last.where).sha256 != last.sha256:
            raise ConfigError(
                f"{last.where.path} has changed since {last.name} was trained: give "
                "the former data with --data"
            )
        with replacing(self.out / "config.json") as file:
            file.write((json.dumps(config, indent=2) + "\n").encode())

    def run(self, numbers: Sequence[int] = ()) -> None:
        """Repeat the recipe on these folds, or on all of them.

        A fold that another process is at is passed over.

        Raises
        ------
        ConfigError
            If there is no such fold, or the folder is of something else.
        KeyboardInterrupt
            If a training was interrupted; what is done stays.
        """
        chosen = [self.fold(number) for number in numbers or self.numbers]
        self.begin()
        for fold in chosen:
            folder = self.folder(fold.number)
            with alone_in(folder) as alone:
                if alone:
                    repeat(self.recipe, fold, folder)
                else:
                    logger.info("fold %d: another process is at it", fold.number)

    @property
    def numbers(self) -> list[int]:
        """All folds, counted from 1."""
        return list(range(1, self.folds + 1))

    @property
    def done(self) -> list[int]:
        """Folds that are done."""
        return [number for number in self.numbers if is_done(self.folder(number))]

    def minutes(self) -> float:
        """Return how long the trainings of the folds that are done have taken."""
        stages = {stage.name for stage in self.recipe.stages}
        runs = (self.folder(number) / name for number in self.done for name in stages)
        return round(sum(map(training_seconds, runs)) / 60, 1)

    def result(self) -> dict[str, Any]:
        """Put all folds together, write the figures down and return them."""
        folders = [self.folder(number) for number in self.numbers]
        recipe, first = self.recipe, RunFolder(folders[0] / self.recipe.last.name)
        words = first.config()["data"]["split"].partition(" held out, ")[2]
        result = {
            "run": recipe.last.name,
            "trained": recipe.told(),
            "split": f"{self.folds} folds, {words}",
            "folds": self.folds,
            "seed": self.seed,
            "weights": "float32",
            "data": {"name": recipe.last.where.path.name, "sha256": recipe.last.sha256},
            "labels": list(recipe.labels),
            "frame_seconds": recipe.spec.hop_length / recipe.spec.sample_rate,
            "minutes": self.minutes(),
            **gather(folders, recipe),
            "versions": versions(),
            "commit": commit(),
        }
        held = read_folds(folders, recipe.labels)
        told = f"{self.folds}-fold cross-validation of {recipe.last.name}, float"
        joined(held, told).save(self.out / "held-out.npz", recipe.labels)
        with replacing(self.out / RESULT) as file:
            file.write((json.dumps(result, indent=2) + "\n").encode())
        return result

    def _describe(self) -> dict[str, Any]:
        last = self.recipe.last
        return {
            "settings": {
                "run": last.name,
                "folds": "sides" if self.sides else self.folds,
                "seed": self.seed,
                **self.recipe.to_json(),
            },
            "data": {
                "name": last.where.path.name,
                "sha256": last.sha256,
                "group_by": last.where.group_by,
                "windows_per_track": last.where.windows_per_track,
            },
        }
