"""Folds for cross-validation: every track is held out once, with all of its group.

References
----------
R. Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and model
selection", IJCAI 1995 (stratified folds).
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.dataset import TRAIN, VALID

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Fold:
    """One of several folds, the one that is held out.

    Raises
    ------
    ConfigError
        If there is no such fold.
    """

    number: int
    """Counted from 1."""
    of: int = 5
    seed: int = 0
    """Of the folds, not of the training."""
    sides: bool = False
    """Whether the two folds are the sides of a split that the data come with, the
    held-out one first: what that split keeps apart stays apart."""

    def __post_init__(self) -> None:
        if self.of < 2:  # noqa: PLR2004 - one to hold out and one to train on
            raise ConfigError(f"--folds must be at least 2, got {self.of}")
        if not 1 <= self.number <= self.of:
            raise ConfigError(f"--fold must be 1 to {self.of}, got {self.number}")
        if self.sides and self.of != 2:  # noqa: PLR2004 - as many as a split has
            raise ConfigError(f"--sides are 2 folds, got --folds {self.of}")

    def words(self, kept: str = "") -> str:
        """Say how tracks are divided; ``kept`` as "artist-disjoint".

        What a given split keeps apart, it has to tell itself.
        """
        if self.sides:
            return f"fold {self.number} of 2 held out, the sides of the given split"
        return (
            f"fold {self.number} of {self.of} held out, stratified by genre, {kept}, "
            f"seed {self.seed}"
        )


def fold_sides(groups: Sequence[str], genres: Sequence[str], fold: Fold) -> list[str]:
    """Hold out the groups of one fold.

    Parameters
    ----------
    groups : sequence of str
        What must stay together, one entry a file.
    genres : sequence of str
        The genre of each file.

    Returns
    -------
    list of {"train", "valid"}
        One entry a file. It does not depend on the order of the files.

    Raises
    ------
    ConfigError
        If the groups are too few for so many folds.
    """
    numbers = _numbers(groups, genres, fold)
    return [VALID if number == fold.number else TRAIN for number in numbers]


def _numbers(groups: Sequence[str], genres: Sequence[str], fold: Fold) -> list[int]:
    """Deal the groups to folds of about equal size and mixture."""
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415 - slow

    ordered = sorted(zip(groups, genres, strict=True))
    names = np.array([group for group, _ in ordered])
    dealer = StratifiedGroupKFold(fold.of, shuffle=True, random_state=fold.seed)
    number_of: dict[str, int] = {}
    with warnings.catch_warnings():
        # Of a genre with fewer files than folds; what must hold is checked below.
        warnings.simplefilter("ignore", UserWarning)
        try:
            parts = list(dealer.split(names, [genre for _, genre in ordered], names))
        except ValueError as error:  # every genre has fewer files than folds
            raise ConfigError(f"{_too_few(fold)}: {error}") from error
    for number, (_, held_out) in enumerate(parts, start=1):
        number_of |= dict.fromkeys(names[held_out].tolist(), number)
    _require_spread(genres, [number_of[group] for group in groups], fold)
    return [number_of[group] for group in groups]


def _require_spread(genres: Sequence[str], numbers: Sequence[int], fold: Fold) -> None:
    """Check that each fold holds something out and leaves music of each genre."""
    homes: defaultdict[str, set[int]] = defaultdict(set)
    for genre, number in zip(genres, numbers, strict=True):
        homes[genre].add(number)
    if len(set(numbers)) < fold.of:
        raise ConfigError(f"{_too_few(fold)}: one would be empty")
    for genre, home in sorted(homes.items()):
        if len(home) == 1:
            raise ConfigError(
                f"{_too_few(fold)}: all music of the genre {genre!r} would be in one "
                "fold, and nothing of it left to train on"
            )


def _too_few(fold: Fold) -> str:
    return (
        f"there are too few tracks, copies and what is kept together counted once, "
        f"for --folds {fold.of}"
    )
