"""Recordings of a collection, with the features that take long kept in a cache."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import AudioError, ConfigError
from genre_train.cache import default_cache, file_digest
from genre_train.collection import SUFFIXES, Track, survey_folder
from genre_train.dataset import TRAIN, VALID
from genre_train.durable import is_sealed, sealing
from genre_train.progress import progress
from genre_train.split import split_tracks
from genre_train.systems.material import Examples, Material

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_VALID_FRACTION = 0.2


@dataclass(frozen=True)
class _Heard:
    track: Track
    digest: str
    values: NDArray[np.float32]


def divided(folder: Path) -> bool:
    """Tell whether a folder holds ``train`` and ``valid`` instead of genres."""
    return folder.is_dir() and {TRAIN, VALID} == {
        entry.name for entry in folder.iterdir() if entry.is_dir()
    }


def recordings(folder: Path) -> list[Track]:
    """List the recordings of a folder.

    Either one folder a genre, or the folders ``train`` and ``valid`` with files named
    as GTZAN's are: ``genre.00000.flac``.

    Raises
    ------
    ConfigError
        If there is nothing to train on.
    """
    if not divided(folder):
        return list(survey_folder(folder).require().tracks)
    found = [
        Track(path, path.name.partition(".")[0], path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES
    ]
    if not found:
        raise ConfigError(f"{folder} holds no recording named like genre.00000.flac")
    return found


def describe_all(
    folder: Path,
    what: str,
    compute: Callable[[Path], NDArray[np.float32]],
    *,
    cache: Path | None,
    seed: int,
) -> Material:
    """Compute the same features of every recording.

    Parameters
    ----------
    what : str
        Name of the features; part of the cache's file names.
    compute : callable
        Takes a file, returns its examples, shape (n, ...), at least one.
    cache : Path or None
        Folder for the features; by default the user's cache.
    seed : int
        Of the split, where the folder carries none.

    Raises
    ------
    ConfigError
        If too few recordings can be used.
    """
    place = (cache or default_cache()) / what
    heard, faults = [], []
    tracks = recordings(folder)
    with progress(what, len(tracks)) as step:
        for track in tracks:
            try:
                digest = file_digest(track.path)
                heard.append(
                    _Heard(track, digest, _kept(place, digest, track, compute))
                )
            except AudioError as error:
                logger.warning("left out: %s", error)
                faults.append(str(error))
            step(track.name)
    if not heard:
        raise ConfigError(f"no recording in {folder} can be used: {faults[0]}")
    sides, words = _sides(folder, heard, seed)
    labels = sorted({one.track.genre for one in heard})
    lengths = [len(one.values) for one in heard]
    genre = np.array([labels.index(one.track.genre) for one in heard], np.int64)
    names = np.array([one.track.name for one in heard])
    listing = "\n".join(sorted(f"{one.track.name} {one.digest}" for one in heard))
    return Material(
        Examples(
            (np.concatenate([one.values for one in heard]),),
            np.repeat(genre, lengths),
            np.repeat(names, lengths),
        ),
        np.repeat(np.array([side == VALID for side in sides]), lengths),
        tuple(labels),
        words,
        {"audio": str(folder.resolve())},
        hashlib.sha256(listing.encode()).hexdigest(),
        tuple(faults),
    )


def _sides(folder: Path, heard: Sequence[_Heard], seed: int) -> tuple[list[str], str]:
    if divided(folder):
        given = [one.track.name.partition("/")[0] for one in heard]
        return given, "as the folders train and valid say, track-disjoint"
    sides = split_tracks(
        [one.digest for one in heard],
        [one.track.genre for one in heard],
        valid_fraction=_VALID_FRACTION,
        seed=seed,
    )
    words = f"{_VALID_FRACTION:.0%} of each genre's tracks, seed {seed}, track-disjoint"
    return sides, words


def _kept(
    place: Path,
    digest: str,
    track: Track,
    compute: Callable[[Path], NDArray[np.float32]],
) -> NDArray[np.float32]:
    path = place / f"{digest[:32]}.npy"
    if is_sealed(path):
        return np.asarray(np.load(path, allow_pickle=False), np.float32)
    values = compute(track.path)
    with sealing(path) as file:
        np.save(file, values)
    return values
