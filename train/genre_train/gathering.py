"""A collection of music as a data set: examined, divided, cut into patches."""

from __future__ import annotations

import hashlib
import logging
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.cache import FeatureCache, default_cache
from genre_train.dataset import TRAIN, VALID, DataSet, Windows
from genre_train.division import (
    AUTO,
    FAULT_FILTERED,
    LEAKY,
    LISTED,
    Division,
    Grouping,
    divide,
    hold_out,
    listed,
)
from genre_train.examine import examine
from genre_train.features import cut_windows
from genre_train.fingerprint import find_copies
from genre_train.leaking import leak
from genre_train.parallel import spread
from genre_train.survey import survey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from genre_train.examine import Examined
    from genre_train.loading import DataSettings

logger = logging.getLogger(__name__)


def load_collection(settings: DataSettings) -> DataSet:
    """Decode a collection, divide it and cut it into patches.

    A file that cannot be read is left out and told of; the others are used.

    Raises
    ------
    ConfigError
        If too little is left to train on.
    """
    spec = FeatureSpec()
    collection = survey(settings.path).require()
    cache = FeatureCache(settings.cache or default_cache(), spec)
    found = spread(partial(examine, cache=cache), collection.tracks, title="features")
    files = [one for one in found if not one.fault]
    faults = tuple(one.fault for one in found if one.fault)
    for fault in faults:
        logger.warning("left out: %s", fault)
    require_all_genres(settings.path, collection.labels, files, faults)

    def windows_of(chosen: Sequence[Examined]) -> Windows:
        return _cut(chosen, cache, collection.labels, settings.windows_per_track)

    if settings.split == LEAKY:
        train, valid, words = leak(windows_of(files), settings)
    else:
        sides, words = divide_files(files, settings)
        train, valid = (
            windows_of([o for o, its in zip(files, sides, strict=True) if its == side])
            for side in (TRAIN, VALID)
        )
    listing = sorted(f"{o.track.name} {o.digest} {o.track.genre}" for o in files)
    return DataSet(
        name=settings.path.resolve().name,
        sha256=hashlib.sha256("\n".join(listing).encode()).hexdigest(),
        labels=collection.labels,
        spec=spec,
        split=words,
        train=train,
        valid=valid,
        faults=faults,
        leaky=settings.split == LEAKY,
    )


def divide_files(files: Sequence[Examined], settings: DataSettings) -> Division:
    """Divide files as the settings say, or as their list does.

    Raises
    ------
    ConfigError
        If they cannot be divided so.
    """
    if settings.split == FAULT_FILTERED:
        raise ConfigError(
            f"--split fault-filtered is the split of GTZAN's arrays, and "
            f"{settings.path} is a collection: use --split grouped"
        )
    given = settings.split == AUTO and all(one.track.side for one in files)
    if settings.fold is None and (settings.split == LISTED or given):
        return listed(files)
    copies = find_copies([one.words for one in files], FeatureSpec())
    if settings.fold is not None:
        return hold_out(files, copies, settings.group_by, settings.fold)
    how = Grouping(
        settings.group_by, settings.valid_fraction, settings.seed, settings.inherited
    )
    return divide(files, copies, how)


def require_all_genres(
    path: Path,
    labels: Sequence[str],
    files: Sequence[Examined],
    faults: Sequence[str],
) -> None:
    """Check that of every genre something can be used.

    Raises
    ------
    ConfigError
        If of one nothing can.
    """
    silent = sorted(set(labels) - {one.track.genre for one in files})
    if silent:
        raise ConfigError(
            f"none of the files of the genre {silent[0]!r} in {path} can be used; "
            f"the first of {len(faults)} fault(s): {faults[0]}"
        )


def _cut(
    files: Sequence[Examined], cache: FeatureCache, labels: Sequence[str], most: int
) -> Windows:
    cut = [
        cut_windows(cache.frames(one.track.path, one.digest), cache.spec, most)
        for one in files
    ]
    lengths = [len(patches) for patches in cut]
    genre = np.array([labels.index(one.track.genre) for one in files], np.int64)
    names = np.array([one.track.name for one in files])
    return Windows(
        np.concatenate(cut), np.repeat(genre, lengths), np.repeat(names, lengths)
    )
