"""A search: candidates cross-validated on the same folds, and put side by side.

====================================  ===========================================
``CANDIDATE/seed-0/`` and so on       a cross-validation each
``search.json``                       the table
====================================  ===========================================
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.clusters import paired_change
from genre_train.crossvalidation.repeating import PATCH
from genre_train.crossvalidation.results import joined, read_folds, shares
from genre_train.crossvalidation.validating import CrossValidation
from genre_train.durable import replacing
from genre_train.models import MODELS
from genre_train.multiplyadds import multiply_adds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from genre_train.crossvalidation.candidates import Candidate
    from genre_train.crossvalidation.recipe import Recipe
    from genre_train.heldout import HeldOut

logger = logging.getLogger(__name__)

RESULT = "search.json"


@dataclass(frozen=True)
class Search:
    """Candidates, each to be cross-validated with the same budget."""

    recipe: Recipe
    candidates: Sequence[Candidate]
    out: Path
    folds: int = 5
    seeds: Sequence[int] = (0,)
    """Of the trainings; the folds are the same for all."""
    sides: bool = False
    """Whether the folds are the two sides that the data come with."""

    def validations(self, candidate: Candidate) -> list[CrossValidation]:
        """Return the cross-validations of a candidate, one a seed."""
        return [
            CrossValidation(
                candidate.applied(self.recipe, seed),
                self.out / candidate.name / f"seed-{seed}",
                self.folds,
                sides=self.sides,
            )
            for seed in self.seeds
        ]

    def run(self, numbers: Sequence[int] = ()) -> None:
        """Compute these folds of every candidate, or all of them.

        Raises
        ------
        ConfigError
            If a candidate cannot be trained: told of all before the first training.
        KeyboardInterrupt
            If a training was interrupted; what is done stays.
        """
        for candidate in self.candidates:
            try:
                self._cost(candidate)
            except ConfigError as error:
                raise ConfigError(f"candidate {candidate.name}: {error}") from error
        for candidate in self.candidates:
            logger.info("candidate %s", candidate.name)
            for validation in self.validations(candidate):
                validation.run(numbers)

    def result(self) -> list[dict[str, Any]]:
        """Return a row for each candidate that has a fold done, and write them down.

        Returns
        -------
        list of dict
            ``candidate``, ``note``, ``model``, ``parameters``, ``multiply_adds`` a
            patch, ``folds`` and ``seeds`` that are done, ``tracks``, the figures of a
            ``patch``, ``change`` of its accuracy against the first row (paired by
            track; None if other folds are done) and ``minutes`` of training.
        """
        rows, first = [], None
        for candidate in self.candidates:
            folds = self._heard(candidate)
            if not folds:
                continue
            heard = joined(folds)
            first = heard if first is None else first
            rows.append(self._row(candidate, folds) | {"change": _change(first, heard)})
        with replacing(self.out / RESULT) as file:
            file.write((json.dumps(rows, indent=2) + "\n").encode())
        return rows

    def _row(self, candidate: Candidate, folds: Sequence[HeldOut]) -> dict[str, Any]:
        validations = self.validations(candidate)
        parameters, cost = self._cost(candidate)
        return {
            "candidate": candidate.name,
            "note": candidate.note,
            "model": validations[0].recipe.last.settings.model,
            "parameters": parameters,
            "multiply_adds": cost,
            "seeds": list(self.seeds),
            "folds": f"{min(len(v.done) for v in validations)}/{self.folds}",
            "tracks": len(np.unique(joined(folds).track)),
            PATCH: shares(folds, self.recipe.labels),
            "minutes": round(sum(v.minutes() for v in validations), 1),
        }

    def _heard(self, candidate: Candidate) -> list[HeldOut]:
        return [
            fold
            for validation in self.validations(candidate)
            for fold in read_folds(
                [validation.folder(number) for number in validation.done],
                self.recipe.labels,
            )
        ]

    def _cost(self, candidate: Candidate) -> tuple[int, int]:
        """Build the network; count weights and operations."""
        recipe = candidate.applied(self.recipe, self.seeds[0])
        spec, last = recipe.spec, recipe.last
        load_keras().utils.clear_session(free_memory=True)
        model = MODELS[last.settings.model](spec.n_mels, len(recipe.labels))
        chunk = (spec.chunk_frames, spec.n_mels)
        return int(model.count_params()), multiply_adds(model, chunk)


def _change(first: HeldOut, heard: HeldOut) -> dict[str, Any] | None:
    """Compare with the first candidate, where both have heard the same windows."""
    if heard is first or not np.array_equal(first.track, heard.track):
        return None
    before, after = (one.logits.argmax(axis=1) == one.genre for one in (first, heard))
    return paired_change(before, after, heard.track.tolist())
