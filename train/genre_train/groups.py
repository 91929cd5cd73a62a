"""What belongs together, so that a split never comes between."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from genre_daemon.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genre_train.examine import Examined
    from genre_train.fingerprint import Match

TRACK, ALBUM, ARTIST, AUTO = "track", "album", "artist", "auto"
GROUPINGS = (AUTO, ARTIST, ALBUM, TRACK)
"""By what files are kept together; ``auto`` is the widest that each genre allows."""


def group_files(
    files: Sequence[Examined], copies: Iterable[Match], by: str
) -> tuple[list[str], str]:
    """Name the group of each file.

    Copies of a recording are always in one group, and so is everything of an artist
    or album. A file that says no artist (album) is a group of its own.

    Parameters
    ----------
    copies : iterable of Match
        Places in ``files``.
    by : str
        One of ``GROUPINGS``.

    Returns
    -------
    groups : list of str
        One entry a file.
    words : str
        What is kept together, as "artist-disjoint".

    Raises
    ------
    ConfigError
        If a genre has one group only.
    """
    if by not in GROUPINGS:
        raise ConfigError(
            f"--group-by must be one of {', '.join(GROUPINGS)}, got {by!r}"
        )
    same = [(match.first, match.second) for match in copies]
    genres = [one.track.genre for one in files]
    chosen = dict.fromkeys(genres, by)
    if by == AUTO:
        chosen = {genre: _widest(files, genre, same) for genre in sorted(set(genres))}
    kinds = [chosen[genre] for genre in genres]
    return _joined(files, same, kinds), _words(chosen)


def _widest(
    files: Sequence[Examined], genre: str, same: Sequence[tuple[int, int]]
) -> str:
    """Return the widest grouping that leaves a genre two groups."""
    for kind in (ARTIST, ALBUM):
        groups = _joined(files, same, [kind] * len(files))
        mine = {
            group
            for group, one in zip(groups, files, strict=True)
            if one.track.genre == genre
        }
        known = any(_owner(one, kind) for one in files if one.track.genre == genre)
        if known and len(mine) > 1:
            return kind
    return TRACK


def _joined(
    files: Sequence[Examined], same: Sequence[tuple[int, int]], kinds: Sequence[str]
) -> list[str]:
    """Name connected files after the first of their hashes."""
    group = _Union(len(files))
    for first, second in same:
        group.join(first, second)
    owners: dict[tuple[str, str], int] = {}
    for place, (one, kind) in enumerate(zip(files, kinds, strict=True)):
        for key in (("content", one.digest), (kind, _owner(one, kind))):
            if key[1]:
                group.join(owners.setdefault(key, place), place)
    members: defaultdict[int, list[str]] = defaultdict(list)
    for place, one in enumerate(files):
        members[group.find(place)].append(one.digest)
    return [min(members[group.find(place)]) for place in range(len(files))]


class _Union:
    """Sets of places that grow together (union-find)."""

    def __init__(self, n: int) -> None:
        self._parents = list(range(n))

    def find(self, place: int) -> int:
        while self._parents[place] != place:
            # Halving the path keeps the chains short.
            self._parents[place] = self._parents[self._parents[place]]
            place = self._parents[place]
        return place

    def join(self, first: int, second: int) -> None:
        self._parents[self.find(first)] = self.find(second)


def _owner(one: Examined, kind: str) -> str:
    if kind == ARTIST:
        return one.artist.casefold()
    if kind == ALBUM and one.album:
        # Two artists may each have their Greatest Hits.
        return f"{one.artist.casefold()}\0{one.album.casefold()}"
    return ""


def _words(chosen: dict[str, str]) -> str:
    kinds = sorted(set(chosen.values()))
    if len(kinds) == 1:
        return f"{kinds[0]}-disjoint"
    listed = (
        f"{', '.join(genre for genre in chosen if chosen[genre] == kind)}: {kind}"
        for kind in kinds
    )
    return f"disjoint by what each genre allows ({'; '.join(listed)})"
