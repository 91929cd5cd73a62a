"""A collection as a list: a CSV with a row a file.

Columns ``path`` and ``genre`` must be there; ``artist``, ``album`` and ``split``
(``train`` or ``valid``) may be. Paths are relative to the CSV's folder.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from genre_daemon.errors import ConfigError
from genre_train.collection import Collection, Track, label_of, printable
from genre_train.dataset import TRAIN, VALID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NEEDED = ("path", "genre")


def survey_listing(path: Path) -> Collection:
    """Read the list, in a fixed order, and what is wrong with it.

    Files are not looked at: one that is missing is a fault of that file.

    Raises
    ------
    ConfigError
        If the list cannot be read or lacks a column.
    """
    problems: list[str] = []
    owners: dict[str, str] = {}
    tracks: list[Track] = []
    for line, row in _rows(path):
        where = f"{path}, line {line}"
        missing = [name for name in _NEEDED if not row.get(name)]
        if missing:
            problems.append(f"{where} says no {missing[0]}: add it or delete the row")
            continue
        try:
            label = label_of(row["genre"])
        except ConfigError as error:
            problems.append(f"{where}: {error}")
            continue
        if owners.setdefault(label, row["genre"]) != row["genre"]:
            problems.append(
                f"{where}: the genres {owners[label]!r} and {row['genre']!r} make the "
                f"same label {label!r}: write them alike or rename one"
            )
        side = row.get("split", "").lower()
        if side not in ("", TRAIN, VALID):
            problems.append(
                f"{where} says the split {side!r}: {TRAIN} and {VALID} are known"
            )
        tracks.append(
            Track(
                path.parent / row["path"],
                label,
                printable(row["path"]),
                row.get("artist", ""),
                row.get("album", ""),
                side,
            )
        )
    problems += _wholes(path, tracks, owners)
    tracks.sort(key=lambda track: track.name)
    return Collection(path.stem, tuple(tracks), tuple(problems))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row with its line, its values stripped."""
    try:
        # Spreadsheets begin a CSV with a byte order mark.
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            names = [name.strip().lower() for name in reader.fieldnames or ()]
            lacking = [name for name in _NEEDED if name not in names]
            if lacking:
                raise ConfigError(
                    f"{path} has no column {lacking[0]!r}: the first line must name "
                    "the columns path, genre and, where known, artist, album, split"
                )
            reader.fieldnames = names
            for row in reader:
                # What is past the last column stands under None.
                yield reader.line_num, {k: row[k].strip() for k in names}
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path} is no CSV in UTF-8: {error}") from error


def _wholes(path: Path, tracks: list[Track], owners: dict[str, str]) -> list[str]:
    """Return the problems of the list as a whole."""
    if len(owners) < 2:  # noqa: PLR2004 - one is no choice
        found = f"only {next(iter(owners.values()))!r}" if owners else "none"
        return [f"{path} must name at least two genres, and there is {found}"]
    without = [track.name for track in tracks if not track.side]
    if without and len(without) < len(tracks):
        problem = (
            f"{path} says the split of some files and not of {len(without)} others, "
            f"the first of them {without[0]}: say it of all or of none"
        )
        return [problem]
    return []
