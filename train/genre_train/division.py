"""Which side each file of a collection is on, and how to say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from genre_daemon.errors import ConfigError
from genre_train.dataset import TRAIN, VALID
from genre_train.folds import fold_sides
from genre_train.groups import group_files
from genre_train.split import split_tracks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from genre_train.examine import Examined
    from genre_train.fingerprint import Match
    from genre_train.folds import Fold

AUTO, GROUPED, LISTED = "auto", "grouped", "csv"
FAULT_FILTERED, LEAKY = "fault-filtered", "leaky"
SPLITS = (AUTO, FAULT_FILTERED, GROUPED, LISTED, LEAKY)
"""Ways to divide; ``auto`` takes what the data say of themselves, else groups."""


class Division(NamedTuple):
    """Sides of files."""

    sides: list[str]
    """``train`` or ``valid``, one entry a file."""
    words: str
    """How they were chosen."""


class Grouping(NamedTuple):
    """How to divide files that do not say their side."""

    by: str
    """One of ``groups.GROUPINGS``."""
    valid_fraction: float
    seed: int
    inherited: Mapping[str, str]
    """Sides of tracks, by name, that an earlier run has chosen."""


def divide(
    files: Sequence[Examined], copies: Sequence[Match], how: Grouping
) -> Division:
    """Put groups of files on either side.

    What an earlier run was trained on stays on that side, and so do its copies and
    neighbours of the same group, or it would be held out only in name.

    Raises
    ------
    ConfigError
        If a genre cannot have both sides.
    """
    groups, kept = group_files(files, copies, how.by)
    genres = [one.track.genre for one in files]
    sides = split_tracks(
        groups, genres, valid_fraction=how.valid_fraction, seed=how.seed
    )
    words = f"{how.valid_fraction:g} of each genre held out, {kept}, seed {how.seed}"
    if how.inherited:
        sides = _inherit(files, groups, sides, how.inherited)
        words += ", tracks of the earlier run on their former sides"
    require_both_sides(genres, sides)
    return Division(sides, words)


def hold_out(
    files: Sequence[Examined], copies: Sequence[Match], by: str, fold: Fold
) -> Division:
    """Hold out one fold of the groups of files.

    Raises
    ------
    ConfigError
        If the groups are too few for so many folds.
    """
    groups, kept = group_files(files, copies, by)
    genres = [one.track.genre for one in files]
    return Division(fold_sides(groups, genres, fold), fold.words(kept))


def listed(files: Sequence[Examined]) -> Division:
    """Take the sides that a list says.

    Raises
    ------
    ConfigError
        If it says none, or a genre has one side only.
    """
    sides = [one.track.side for one in files]
    if not all(sides):
        raise ConfigError(
            "--split csv needs a CSV whose column 'split' says train or valid of "
            "every file"
        )
    require_both_sides([one.track.genre for one in files], sides)
    return Division(sides, "as given in the list")


def require_both_sides(genres: Sequence[str], sides: Sequence[str]) -> None:
    """Check that every genre is trained on and held out.

    Raises
    ------
    ConfigError
        If one is not.
    """
    there = set(zip(genres, sides, strict=True))
    for genre in sorted(set(genres)):
        for side, lack in ((TRAIN, "to train on"), (VALID, "held out")):
            if (genre, side) not in there:
                raise ConfigError(
                    f"the genre {genre!r} has no usable track {lack} (split {side!r}): "
                    "add tracks or divide them otherwise"
                )


def _inherit(
    files: Sequence[Examined],
    groups: Sequence[str],
    sides: Sequence[str],
    inherited: Mapping[str, str],
) -> list[str]:
    former: dict[str, str] = {}
    for one, group in zip(files, groups, strict=True):
        side = inherited.get(one.track.name)
        if side is not None and former.get(group) != TRAIN:
            former[group] = side
    return [former.get(group, side) for group, side in zip(groups, sides, strict=True)]
