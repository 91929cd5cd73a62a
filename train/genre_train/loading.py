"""From what the user names (arrays file or folder of music) to a data set."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import AudioError, ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.arrays import load_arrays
from genre_train.collection import Track, scan
from genre_train.dataset import TRAIN, VALID, DataSet, Windows
from genre_train.features import (
    FeatureCache,
    cut_windows,
    default_cache,
    file_digest,
)
from genre_train.progress import progress
from genre_train.split import split_tracks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DataSettings:
    """Which data to train on, and how a folder is divided."""

    path: Path
    valid_fraction: float = 0.2
    seed: int = 0
    """Of the split of a folder; an arrays file carries its own."""
    cache: Path | None = None
    """Folder for features; by default the user's cache."""


@dataclass(frozen=True)
class _Heard:
    """A track whose frames could be computed."""

    track: Track
    digest: str
    patches: NDArray[np.float32]


def load(settings: DataSettings) -> DataSet:
    """Load an arrays file (``.npz``) or a folder with one folder a genre.

    Raises
    ------
    ConfigError
        If there is nothing there to train on; the sentence says why.
    """
    if settings.path.suffix == ".npz":
        return load_arrays(settings.path)
    return load_folder(settings)


def load_again(config: dict[str, Any], path: Path | None) -> DataSet:
    """Load the data of an earlier run.

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
    where = path or Path(described["path"])
    if not where.exists():
        raise ConfigError(
            f"the data of the run are not at {where}: say where they are with --data"
        )
    data = load(
        DataSettings(
            where,
            valid_fraction=described["valid_fraction"],
            seed=config["settings"]["seed"],
        )
    )
    if data.sha256 != described["sha256"]:
        raise ConfigError(
            f"{where} has changed since the run was trained: its figures would not be "
            "held-out figures; train again, or give the former data with --data"
        )
    return data


def load_folder(settings: DataSettings) -> DataSet:
    """Decode a folder of music, split it by track and cut it into patches.

    A file that cannot be read is left out and told of; the others are used.

    Raises
    ------
    ConfigError
        If too little is left to train on.
    """
    folder, spec = settings.path, FeatureSpec()
    tracks = scan(folder)
    cache = FeatureCache(settings.cache or default_cache(), spec)
    heard, faults = _hear(tracks, cache)
    labels = tuple(sorted({track.genre for track in tracks}))
    silent = sorted(set(labels) - {one.track.genre for one in heard})
    if silent:
        raise ConfigError(
            f"none of the files of the genre {silent[0]!r} in {folder} can be used; "
            f"the first of {len(faults)} fault(s): {faults[0]}"
        )
    sides = split_tracks(
        [one.digest for one in heard],
        [one.track.genre for one in heard],
        valid_fraction=settings.valid_fraction,
        seed=settings.seed,
    )
    chosen = {
        side: _join(
            [one for one, its in zip(heard, sides, strict=True) if its == side], labels
        )
        for side in (TRAIN, VALID)
    }
    listing = "\n".join(sorted(f"{one.track.name} {one.digest}" for one in heard))
    return DataSet(
        name=folder.resolve().name,
        sha256=hashlib.sha256(listing.encode()).hexdigest(),
        labels=labels,
        spec=spec,
        split=f"{settings.valid_fraction:g} of each genre held out, track-disjoint, "
        f"seed {settings.seed}",
        train=chosen[TRAIN],
        valid=chosen[VALID],
        faults=tuple(faults),
    )


def _hear(
    tracks: Sequence[Track], cache: FeatureCache
) -> tuple[list[_Heard], list[str]]:
    heard, faults = [], []
    with progress("features", len(tracks)) as step:
        for track in tracks:
            try:
                digest = file_digest(track.path)
                frames = cache.frames(track.path, digest)
                heard.append(_Heard(track, digest, cut_windows(frames, cache.spec)))
            except AudioError as error:
                logger.warning("left out: %s", error)
                faults.append(str(error))
            step(track.name)
    return heard, faults


def _join(heard: Sequence[_Heard], labels: Sequence[str]) -> Windows:
    lengths = [len(one.patches) for one in heard]
    genre = np.array([labels.index(one.track.genre) for one in heard], np.int64)
    names = np.array([one.track.name for one in heard])
    return Windows(
        np.concatenate([one.patches for one in heard]),
        np.repeat(genre, lengths),
        np.repeat(names, lengths),
    )
