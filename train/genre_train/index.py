"""What a collection holds, and what is wrong with it, before anything is trained."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.cache import FeatureCache, default_cache
from genre_train.dataset import VALID
from genre_train.division import Division
from genre_train.examine import examine
from genre_train.fingerprint import find_copies
from genre_train.gathering import divide_files, require_all_genres
from genre_train.parallel import spread
from genre_train.survey import survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genre_train.collection import Collection
    from genre_train.examine import Examined
    from genre_train.fingerprint import Match
    from genre_train.loading import DataSettings


@dataclass(frozen=True)
class Genre:
    """One genre of a collection."""

    label: str
    files: int
    """Those that can be used."""
    minutes: float
    artists: int
    """Those that tags or the list name."""
    held_out: int
    """Files on the held-out side."""


@dataclass(frozen=True)
class Copies:
    """Files that are one recording."""

    names: tuple[str, ...]
    genres: tuple[str, ...]
    """More than one is a mistake in one of them."""
    differing_bits: float
    """Share, between the first and the others; 0 if the files are equal."""


@dataclass(frozen=True)
class Shared:
    """An artist or album with tracks on both sides of the split."""

    kind: str
    name: str
    train: int
    valid: int


@dataclass(frozen=True)
class Index:
    """A collection, looked through."""

    name: str
    genres: tuple[Genre, ...]
    unreadable: dict[str, str]
    """Why, by the file's name."""
    exact: tuple[Copies, ...]
    near: tuple[Copies, ...]
    split: str
    """How it would be divided; empty if it cannot be."""
    shared: tuple[Shared, ...]
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    """What keeps it from being trained on."""

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a JSON object."""
        return asdict(self)


def build_index(
    settings: DataSettings, *, jobs: int = 1, scheduler: str | None = None
) -> Index:
    """Look through a collection, keeping the features of all its files.

    Raises
    ------
    ConfigError
        If there is no collection to look through.
    """
    collection = survey(settings.path)
    cache = FeatureCache(settings.cache or default_cache(), FeatureSpec())
    found = spread(
        partial(examine, cache=cache),
        collection.tracks,
        title="index",
        jobs=jobs,
        scheduler=scheduler,
    )
    return summarise(collection, found, settings)


def summarise(
    collection: Collection, found: Sequence[Examined], settings: DataSettings
) -> Index:
    """Put together what was found in a collection's files."""
    files = [one for one in found if not one.fault]
    matches = find_copies([one.words for one in files], FeatureSpec())
    problems = list(collection.problems)
    division = Division([""] * len(files), "")
    try:
        faults = [one.fault for one in found if one.fault]
        require_all_genres(settings.path, collection.labels, files, faults)
        if files:
            division = divide_files(files, settings)
    except ConfigError as error:
        problems.append(str(error))
    return Index(
        name=collection.name,
        genres=tuple(
            _genre(label, files, division.sides) for label in collection.labels
        ),
        unreadable={one.track.name: one.fault for one in found if one.fault},
        exact=_exact(files),
        near=_near(files, matches),
        split=division.words,
        shared=_shared(files, division.sides),
        notes=collection.notes,
        problems=tuple(dict.fromkeys(problems)),
    )


def _genre(label: str, files: Sequence[Examined], sides: Sequence[str]) -> Genre:
    mine = [(o, s) for o, s in zip(files, sides, strict=True) if o.track.genre == label]
    return Genre(
        label,
        len(mine),
        round(sum(one.seconds for one, _ in mine) / 60, 2),
        len({one.artist.casefold() for one, _ in mine if one.artist}),
        sum(side == VALID for _, side in mine),
    )


def _exact(files: Sequence[Examined]) -> tuple[Copies, ...]:
    same: defaultdict[str, list[Examined]] = defaultdict(list)
    for one in files:
        same[one.digest].append(one)
    return tuple(_copies(ones, 0.0) for ones in same.values() if len(ones) > 1)


def _near(files: Sequence[Examined], matches: Sequence[Match]) -> tuple[Copies, ...]:
    found = []
    for match in matches:
        pair = (files[match.first], files[match.second])
        if pair[0].digest != pair[1].digest:
            found.append(_copies(pair, round(match.error, 3)))
    return tuple(found)


def _copies(ones: Sequence[Examined], differing_bits: float) -> Copies:
    genres = tuple(sorted({one.track.genre for one in ones}))
    return Copies(tuple(one.track.name for one in ones), genres, differing_bits)


def _shared(files: Sequence[Examined], sides: Sequence[str]) -> tuple[Shared, ...]:
    counts: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one, side in zip(files, sides, strict=True):
        if one.artist:
            counts["artist", one.artist].append(side)
        if one.album:
            counts["album", f"{one.album} ({one.artist or 'no artist'})"].append(side)
    shared = []
    for (kind, name), its in sorted(counts.items()):
        valid = its.count(VALID)
        if 0 < valid < len(its):
            shared.append(Shared(kind, name, len(its) - valid, valid))
    return tuple(shared)
