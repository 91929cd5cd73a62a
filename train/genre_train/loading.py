"""From what the user names (arrays file, folder or list of music) to a data set."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train import groups
from genre_train.arrays import load_arrays
from genre_train.dataset import TRAIN, VALID, DataSet, Windows
from genre_train.division import AUTO, FAULT_FILTERED, LEAKY, LISTED, SPLITS
from genre_train.folds import Fold, fold_sides
from genre_train.gathering import load_collection
from genre_train.leaking import cut_pieces, leak
from genre_train.split import split_tracks
from genre_train.survey import ARRAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOWS_PER_TRACK = 12
"""Enough for half a minute without gaps; of a longer track they are spread."""


@dataclass(frozen=True)
class DataSettings:
    """Which data to train on, and how they are divided.

    Raises
    ------
    ConfigError
        If a setting is none that is known.
    """

    path: Path
    valid_fraction: float = 0.2
    seed: int = 0
    """Of the split, where the data carry none."""
    cache: Path | None = None
    """Folder for features; by default the user's cache."""
    split: str = AUTO
    """One of ``division.SPLITS``."""
    group_by: str = groups.AUTO
    """One of ``groups.GROUPINGS``."""
    windows_per_track: int = WINDOWS_PER_TRACK
    """At most so many, spread over the track."""
    inherited: Mapping[str, str] = field(default_factory=dict)
    """Sides of tracks, by name, that an earlier run has chosen."""
    fold: Fold | None = None
    """Of a cross-validation: what is held out, whatever else is said here."""

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ConfigError(
                f"--split must be one of {', '.join(SPLITS)}, got {self.split!r}"
            )
        if self.windows_per_track < 1:
            raise ConfigError(
                f"--windows-per-track must be at least 1, got {self.windows_per_track}"
            )

    def to_json(self) -> dict[str, Any]:
        """Return what :func:`load_again` needs besides the path."""
        return {
            "valid_fraction": self.valid_fraction,
            "split_kind": self.split,
            "group_by": self.group_by,
            "windows_per_track": self.windows_per_track,
            "inherited": dict(self.inherited),
            "cache": None if self.cache is None else str(self.cache.resolve()),
            "fold": None if self.fold is None else asdict(self.fold),
        }

    @classmethod
    def of(cls, config: dict[str, Any], path: Path | None = None) -> Self:
        """Return those that a run was made with.

        Parameters
        ----------
        config : dict
            Content of the run's ``config.json``.
        path : Path, optional
            Where the data are now, if they have moved.
        """
        described = config["data"]
        cache, fold = described.get("cache"), described.get("fold")
        return cls(
            path or Path(described["path"]),
            valid_fraction=described["valid_fraction"],
            seed=config["settings"]["seed"],
            cache=None if cache is None else Path(cache),
            split=described.get("split_kind", AUTO),
            group_by=described.get("group_by", groups.AUTO),
            windows_per_track=described.get("windows_per_track", WINDOWS_PER_TRACK),
            inherited=described.get("inherited", {}),
            fold=None if fold is None else Fold(**fold),
        )


def load(settings: DataSettings) -> DataSet:
    """Load an arrays file (``.npz``), a folder with one folder a genre, or a CSV.

    Raises
    ------
    ConfigError
        If there is nothing there to train on; the sentence says why.
    """
    if settings.path.suffix == ARRAYS:
        return _divided_again(load_arrays(settings.path), settings)
    if settings.fold is not None and settings.fold.sides:
        raise ConfigError(
            f"--sides are those that an arrays file divides its tracks into, and "
            f"{settings.path} is a collection: leave it out"
        )
    return load_collection(settings)


def load_again(config: dict[str, Any], path: Path | None) -> DataSet:
    """Load the data of an earlier run, divided as they were.

    Parameters
    ----------
    config : dict
        Content of the run's ``config.json``.
    path : Path or None
        Where the data are now, if they have moved.

    Raises
    ------
    ConfigError
        If the data are missing, or are not those that the run was trained on.
    """
    described = config["data"]
    if "spec" not in config:
        raise ConfigError(
            f"the run of {config['settings']['model']} was not trained on whole "
            "log-mel patches: it can be evaluated, but no bundle can be made of it"
        )
    settings = DataSettings.of(config, path)
    where = settings.path
    if not where.exists():
        raise ConfigError(
            f"the data of the run are not at {where}: say where they are with --data"
        )
    data = load(settings)
    if data.sha256 != described["sha256"]:
        raise ConfigError(
            f"{where} has changed since the run was trained: its figures would not be "
            "held-out figures; train again, or give the former data with --data"
        )
    if described.get("sides_sha256", data.sides_sha256) != data.sides_sha256:
        raise ConfigError(
            f"{where} is divided otherwise by the versions installed now than when "
            "the run was trained: install those that its config.json names, or train "
            "again"
        )
    # Labels may be more: the background brings one that the collection has no music of.
    return replace(
        data,
        spec=FeatureSpec.from_json(config["spec"]),
        labels=tuple(config["labels"]),
    )


def _divided_again(data: DataSet, settings: DataSettings) -> DataSet:
    """Divide an arrays file otherwise than it says, if that is wished."""
    fold = settings.fold
    if fold is None and settings.split in (AUTO, FAULT_FILTERED):
        return data
    if fold is not None and fold.sides:
        return _one_side_held_out(data, fold)
    if settings.split == LISTED:
        raise ConfigError(
            f"--split csv needs a CSV, and {settings.path} holds arrays: use "
            "--split fault-filtered"
        )
    windows = Windows.joined(data.train, data.valid)
    if settings.split == LEAKY:
        pieces = cut_pieces(windows, data.spec.top_db)
        train, valid, words = leak(pieces, settings)
        return replace(data, split=words, leaky=True, train=train, valid=valid)
    sides, words = _sides(
        windows.track.tolist(),
        [data.labels[genre] for genre in windows.genre],
        settings,
    )
    chosen = np.array(sides)
    return replace(
        data,
        split=words,
        train=windows.take(np.flatnonzero(chosen == TRAIN)),
        valid=windows.take(np.flatnonzero(chosen == VALID)),
    )


def _one_side_held_out(data: DataSet, fold: Fold) -> DataSet:
    shown, held_out = data.train, data.valid
    if fold.number > 1:
        shown, held_out = held_out, shown
    return replace(data, split=fold.words(), train=shown, valid=held_out)


def _sides(
    tracks: list[str], genres: list[str], settings: DataSettings
) -> tuple[list[str], str]:
    """Hold out tracks of an arrays file, which names no artists; say how."""
    kept = "track-disjoint but not by artist"
    if settings.fold is not None:
        return fold_sides(tracks, genres, settings.fold), settings.fold.words(kept)
    fraction, seed = settings.valid_fraction, settings.seed
    sides = split_tracks(tracks, genres, valid_fraction=fraction, seed=seed)
    return sides, f"{fraction:g} of each genre held out, {kept}, seed {seed}"
