"""What a collection of music is, and a folder as one: a sub-folder a genre."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from genre_daemon.errors import ConfigError
from genre_daemon.messages import SILENCE, UNKNOWN

SUFFIXES = frozenset(
    [
        ".aac",
        ".aax",  # these two are protected and refused, but never passed over in silence
        ".m4p",
        ".aif",
        ".aifc",
        ".aiff",
        ".ape",
        ".au",
        ".flac",
        ".m4a",
        ".mka",
        ".mp2",
        ".mp3",
        ".mp4",
        ".mpc",
        ".oga",
        ".ogg",
        ".opus",
        ".wav",
        ".webm",
        ".wma",
        ".wv",
    ]
)
"""Names of files that are taken for audio. Others, as covers, are passed over."""


@dataclass(frozen=True)
class Track:
    """One audio file of a collection."""

    path: Path
    genre: str
    """Label made from the folder's name or the row."""
    name: str
    """Path within the collection, with forward slashes; always printable."""
    artist: str = ""
    """As a row says; else the file's tags are asked."""
    album: str = ""
    side: str = ""
    """``train`` or ``valid`` where a row says so."""


@dataclass(frozen=True)
class Collection:
    """What was found, before any file is opened."""

    name: str
    tracks: tuple[Track, ...]
    problems: tuple[str, ...] = ()
    """Sentences: each of these keeps the collection from being trained on."""
    notes: tuple[str, ...] = ()
    """Sentences on what was passed over."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The genres, sorted."""
        return tuple(sorted({track.genre for track in self.tracks}))

    def require(self) -> Self:
        """Return it if it can be trained on.

        Raises
        ------
        ConfigError
            With the first problem.
        """
        if self.problems:
            raise ConfigError(self.problems[0])
        return self


def label_of(folder: str) -> str:
    """Make a label of a folder's name: ``Hip Hop`` becomes ``hip-hop``.

    Raises
    ------
    ConfigError
        If nothing is left, or the word is one that the daemon says itself.
    """
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode()
    label = re.sub(r"[^a-z0-9_]+", "-", plain.lower()).strip("-_")[:64]
    if not label:
        raise ConfigError(
            f"the genre {printable(folder)!r} has no Latin letter or digit to make a "
            "label of: rename it"
        )
    if label in (UNKNOWN, SILENCE):
        raise ConfigError(
            f"the genre {folder!r} has a name that the daemon uses itself: rename it"
        )
    return label


def printable(name: str) -> str:
    """Return a file's name with escapes for what is no text, as stray bytes."""
    text = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def survey_folder(folder: Path) -> Collection:
    """List the audio files of a folder, in a fixed order, and what is wrong with it.

    Folders may be nested inside a genre's. Hidden ones are passed over, and links to
    folders are not followed below a genre, so that a link in a circle does no harm.

    Raises
    ------
    ConfigError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"{folder} is no folder: give a folder that holds one folder a genre, a "
            "list of files (.csv), or an arrays file (.npz)"
        )
    tracks: list[Track] = []
    owners: dict[str, str] = {}
    problems: list[str] = []
    notes = _Notes(folder)
    for genre in _genres(folder, problems, notes):
        try:
            label = label_of(genre.name)
        except ConfigError as error:
            problems.append(str(error))
            continue
        if label in owners:
            problems.append(
                f"the genre folders {owners[label]!r} and {genre.name!r} in {folder} "
                f"make the same label {label!r}: rename or join them"
            )
        owners.setdefault(label, genre.name)
        files = _audio_files(genre, notes)
        if not files:
            problems.append(
                f"the genre folder {genre} holds no audio file: fill or remove it "
                f"(files are known by {', '.join(sorted(SUFFIXES))})"
            )
        tracks += [
            Track(path, label, printable(path.relative_to(folder).as_posix()))
            for path in files
        ]
    if len(owners) < 2 and not problems:  # noqa: PLR2004 - one is no choice
        found = f"only {next(iter(owners.values()))!r}" if owners else "no folder"
        problems.append(
            f"{folder} must hold one folder a genre, at least two of them, and there "
            f"is {found}"
        )
    name = folder.resolve().name
    return Collection(name, tuple(tracks), tuple(problems), notes.sentences())


def scan(folder: Path) -> list[Track]:
    """List the audio files of a folder that can be trained on.

    Raises
    ------
    ConfigError
        With the first problem of the folder.
    """
    return list(survey_folder(folder).require().tracks)


class _Notes:
    """Counts what is passed over on the way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._suffixes: Counter[str] = Counter()
        self._links: list[str] = []

    def no_audio(self, name: str) -> None:
        self._suffixes[Path(name).suffix.lower() or "no suffix"] += 1

    def link(self, path: Path, why: str) -> None:
        name = printable(path.relative_to(self._folder).as_posix())
        self._links.append(f"{name}: a link {why}")

    def sentences(self) -> tuple[str, ...]:
        counted = ", ".join(f"{n} {suffix}" for suffix, n in self._suffixes.items())
        said = [f"{counted}: no audio by the name"] if counted else []
        return tuple(said + self._links)


def _genres(folder: Path, problems: list[str], notes: _Notes) -> list[Path]:
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() and not entry.exists():
            notes.link(entry, "that leads nowhere")
        elif entry.is_symlink() and folder.resolve().is_relative_to(entry.resolve()):
            problems.append(
                f"{entry} is a link to {entry.resolve()}, which holds the collection "
                "itself: remove the link"
            )
        elif entry.is_dir():
            found.append(entry)
        else:
            notes.no_audio(entry.name)
    return found


def _audio_files(folder: Path, notes: _Notes) -> list[Path]:
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if (Path(place) / name).is_symlink():
                notes.link(Path(place) / name, "to a folder, which is not followed")
        for name in names:
            if name.startswith("."):
                continue
            if Path(name).suffix.lower() in SUFFIXES:
                found.append(Path(place) / name)
            else:
                notes.no_audio(name)
    return sorted(found)
