"""Labelled recordings to stitch playlists from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.resample import Resampler, downmix
from genre_daemon.messages import NO_MUSIC
from genre_daemon.sources.audiofile import open_audio
from genre_train.collection import SUFFIXES
from genre_train.streaming.playlists import Recording

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class TooFewGenresError(ConfigError):
    """One song after another takes recordings of two genres."""


def read_music(
    folder: Path,
    labels: Sequence[str],
    rate: int,
    *,
    without: Collection[str] = (),
) -> list[Recording]:
    """Read the recordings of a folder whose genre their place or name tells.

    The genre is the name of the file's folder, or else the file's own up to the first
    dot, as in ``jazz.00002.flac``.

    Parameters
    ----------
    without : collection of str
        Names of tracks to leave out: those that the model was trained on.

    Raises
    ------
    TooFewGenresError
        If fewer than two of the model's genres are there.
    AudioError
        If a recording cannot be read.
    """
    known = set(labels) - {NO_MUSIC}
    found = []
    for path in audio_files(folder):
        told = [g for g in (path.parent.name, path.name.split(".")[0]) if g in known]
        if told and path.stem not in without:
            genre = told[0]
            found.append(Recording(path.stem, genre, read_mono(path, rate)))
    genres = {recording.label for recording in found}
    if len(genres) < 2:  # noqa: PLR2004 - see the error
        unheard = " that it was not trained on" if without else ""
        raise TooFewGenresError(
            f"{folder} has recordings of {len(genres)} of the model's genres{unheard}, "
            "two are needed: put them in folders named as those "
            f"({', '.join(sorted(known))}), or name them as jazz.1.flac"
        )
    return found


def read_others(folders: Sequence[Path], rate: int, half: int) -> list[Recording]:
    """Read every other recording of folders without music: speech, household sound.

    Parameters
    ----------
    half : 0 or 1
        Which ones, so that those that are fitted on are not those that are scored.
    """
    return [
        Recording(path.stem, NO_MUSIC, read_mono(path, rate))
        for folder in folders
        for path in audio_files(folder)[half::2]
    ]


def audio_files(folder: Path) -> list[Path]:
    """List the audio files in a folder, at any depth, in a fixed order.

    Raises
    ------
    ConfigError
        If there is none.
    """
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise ConfigError(
            f"{folder} holds no audio file (files are known by "
            f"{', '.join(sorted(SUFFIXES))})"
        )
    return found


def read_mono(path: Path, rate: int) -> NDArray[np.float32]:
    """Decode a file to mono samples, shape (n,), at a rate in hertz."""
    with open_audio(path) as (own_rate, blocks):
        resampler = Resampler(own_rate, rate)
        parts = [resampler.push(downmix(block)) for block in blocks]
    parts.append(resampler.push(np.empty(0, np.float32), last=True))
    return np.concatenate(parts)
