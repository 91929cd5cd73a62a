"""A folder of music, one sub-folder a genre: which files there are."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from genre_daemon.errors import ConfigError
from genre_daemon.messages import SILENCE, UNKNOWN

SUFFIXES = frozenset(
    [
        ".aac",
        ".aif",
        ".aiff",
        ".au",
        ".flac",
        ".m4a",
        ".mp3",
        ".mp4",
        ".oga",
        ".ogg",
        ".opus",
        ".wav",
        ".webm",
        ".wma",
    ]
)
"""Names of files that are taken for audio. Others, as covers, are passed over."""


@dataclass(frozen=True)
class Track:
    """One audio file of a collection."""

    path: Path
    genre: str
    """Label made from the folder's name."""
    name: str
    """Path within the collection, with forward slashes."""


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
            f"the genre folder {folder!r} has no Latin letter or digit to make a label "
            "of: rename it"
        )
    if label in (UNKNOWN, SILENCE):
        raise ConfigError(
            f"the genre folder {folder!r} has a name that the daemon uses itself: "
            "rename it"
        )
    return label


def scan(folder: Path) -> list[Track]:
    """List the audio files of a collection, in a fixed order.

    Folders may be nested inside a genre's. Hidden ones are passed over, and links to
    folders are not followed, so that a link in a circle does no harm.

    Raises
    ------
    ConfigError
        If the folder is missing, has fewer than two genres, a genre without an audio
        file, or two folders that make the same label.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"{folder} is no folder: give a folder that holds one folder a genre, or "
            "an arrays file (.npz)"
        )
    genres = sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.is_dir() and not entry.name.startswith(".")
    )
    if len(genres) < 2:  # noqa: PLR2004 - one is no choice
        found = f"only {genres[0]!r}" if genres else "no folder"
        raise ConfigError(
            f"{folder} must hold one folder a genre, at least two of them, and there "
            f"is {found}"
        )
    tracks: list[Track] = []
    owners: dict[str, str] = {}
    for genre in genres:
        label = label_of(genre)
        if label in owners:
            raise ConfigError(
                f"the genre folders {owners[label]!r} and {genre!r} in {folder} make "
                f"the same label {label!r}: rename or join them"
            )
        owners[label] = genre
        files = _audio_files(folder / genre)
        if not files:
            raise ConfigError(
                f"the genre folder {folder / genre} holds no audio file: fill or "
                f"remove it (files are known by {', '.join(sorted(SUFFIXES))})"
            )
        tracks += [
            Track(path, label, path.relative_to(folder).as_posix()) for path in files
        ]
    return tracks


def _audio_files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(place) / name
            for name in names
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
        ]
    return sorted(found)
