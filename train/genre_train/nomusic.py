"""Sound that is not music, and music without a genre, from the data folder.

==================  ===========  ============================  =========
kind                is music     from                          held out
==================  ===========  ============================  =========
``speech``          no           ``music_speech/speech``       half
``environment``     no           ``esc10``, its own folds      fold 4
``synthetic``       no           :mod:`genre_train.noises`     half
``music``           yes          ``music_speech/music``        half
``free_music``      yes          ``free_music``                a quarter
==================  ===========  ============================  =========

A recording lies on one side, with all that was cut from the same source: programmes
by their name without its number (``comedy``, ``comedy1``), excerpts by their track,
environmental sounds by the fold that their collection gave them.

Conventions
-----------
Levels are decibels of the daemon's own log-mel frames, neither clipped nor
standardised, so that a room or a noise can still be added to them.
"""

from __future__ import annotations

import csv
import re
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.patches import fill_patch
from genre_train.cache import FeatureCache, default_cache, file_digest
from genre_train.channel import mixed
from genre_train.noises import NOISES
from genre_train.progress import progress
from genre_train.samples import frames_of, read_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

SPEECH, ENVIRONMENT, SYNTHETIC = "speech", "environment", "synthetic"
MUSIC, FREE_MUSIC = "music", "free_music"
KINDS = (SPEECH, ENVIRONMENT, SYNTHETIC, MUSIC, FREE_MUSIC)

FIT, HELD_OUT = "fit", "held-out"
"""The two sides: to train on, and to measure on."""

HELD_OUT_FOLD = "4"
"""Of the environmental sounds."""

SPLIT_SEED = 0
_HALF, _QUARTER = 0.5, 0.25
_SYNTHETIC_EACH = 40  # of each noise: as many recordings as there are folds 1-3
_SYNTHETIC_S = 6.0
_FASTER = (1.2, 1.45)  # 1.38 brings 8 kHz up to the highest band
_SILENT_DB = 1.0  # a window within this of the floor holds nothing at all


@dataclass(frozen=True)
class Source:
    """A recording that may be used, not yet decoded."""

    name: str
    """``kind/stem``, unique."""
    kind: str
    side: str
    group: str
    """What shares a side with it."""
    path: Path | None
    """None for a synthetic sound."""
    speed: float = 1.0
    """A recording is played so many times as fast; pitch and band width rise, too."""
    beneath: tuple[Source, float] | None = None
    """Another recording that is heard with it, so many decibels less loud."""

    def generator(self, take: int) -> np.random.Generator:
        """Return random numbers for a take of it, whatever others are listed."""
        return np.random.default_rng([take, zlib.crc32(self.name.encode())])

    @property
    def music(self) -> bool:
        """Whether it is music."""
        return self.kind in (MUSIC, FREE_MUSIC)


@dataclass(frozen=True)
class Sound:
    """A recording as frames."""

    source: Source
    frames: NDArray[np.float32]
    """Shape (n, n_mels), decibels."""

    @property
    def name(self) -> str:
        """Of its source."""
        return self.source.name


@dataclass(frozen=True)
class Cut:
    """Windows cut from sounds."""

    levels: NDArray[np.float32]
    """Shape (n, n_frames, n_mels), decibels."""
    sources: tuple[Source, ...]
    """One for each window."""

    def __len__(self) -> int:
        return len(self.levels)


def list_sources(
    folder: Path, kinds: Iterable[str] = KINDS, *, seed: int = SPLIT_SEED
) -> list[Source]:
    """List what the data folder holds, with its side, in a fixed order.

    Raises
    ------
    ConfigError
        If a kind is unknown or its recordings are missing.
    """
    listing = {
        SPEECH: lambda: _programmes(folder / "music_speech" / "speech", SPEECH, seed),
        MUSIC: lambda: _programmes(folder / "music_speech" / "music", MUSIC, seed),
        FREE_MUSIC: lambda: _excerpts(folder / "free_music", seed),
        ENVIRONMENT: lambda: _folds(folder / "esc10"),
        SYNTHETIC: _synthetic,
    }
    unknown = sorted(set(kinds) - set(listing))
    if unknown:
        raise ConfigError(f"there is no kind {unknown[0]!r}: {', '.join(KINDS)}")
    return [source for kind in kinds for source in listing[kind]()]


def load_sounds(
    sources: Sequence[Source], spec: FeatureSpec, cache: Path | None = None
) -> list[Sound]:
    """Decode sources to frames, from the cache where they are there.

    Raises
    ------
    AudioError
        If a recording cannot be decoded.
    """
    sounds = []
    with progress("sounds", len(sources)) as step:
        for source in sources:
            sounds.append(load_sound(source, spec, cache))
            step(source.name)
    return sounds


def load_sound(source: Source, spec: FeatureSpec, cache: Path | None = None) -> Sound:
    """Decode one, as :func:`load_sounds` does many."""
    changed = source.speed != 1.0 or source.beneath is not None
    if source.path is None or changed:
        return Sound(source, frames_of(samples_of(source, spec.sample_rate), spec))
    kept = FeatureCache(cache or default_cache(), spec)
    return Sound(source, kept.frames(source.path, file_digest(source.path)))


def samples_of(source: Source, sample_rate: int) -> NDArray[np.float32]:
    """Decode a recording, or make a synthetic sound.

    Returns
    -------
    ndarray, shape (n,), float32 in [-1, 1]

    Raises
    ------
    AudioError
        If it cannot be decoded.
    """
    if source.beneath is not None:
        other, lower_db = source.beneath
        alone = samples_of(replace(source, beneath=None), sample_rate)
        return mixed(alone, samples_of(other, sample_rate), lower_db)
    if source.path is not None:
        return read_samples(source.path, sample_rate, speed=source.speed)
    _, name, number = source.name.split("/")
    rng = np.random.default_rng([list(NOISES).index(name), int(number)])
    return NOISES[name](rng, round(_SYNTHETIC_S * sample_rate), sample_rate)


def load_faster(
    sources: Sequence[Source], spec: FeatureSpec, rng: np.random.Generator
) -> list[Sound]:
    """Decode recordings played 1.2 to 1.45 times as fast: their top is filled.

    The band-width guard for recordings that end at 8 kHz: sped up, they reach to
    9.6 kHz and more, and nothing else about them has become more like music.
    """
    faster = [replace(one, speed=float(rng.uniform(*_FASTER))) for one in sources]
    return load_sounds(faster, spec)


def cut(sounds: Iterable[Sound], n_frames: int, every: int) -> Cut:
    """Cut windows from sounds; loop what is shorter, leave out what is silent.

    Parameters
    ----------
    n_frames : int > 0
        Frames in a window.
    every : int > 0
        Frames between the beginnings of two windows.

    Raises
    ------
    ValueError
        If no sound holds anything.
    """
    windows, sources = [], []
    for sound in sounds:
        frames = sound.frames
        if len(frames) < n_frames:
            frames = fill_patch(frames, n_frames)
        for start in range(0, len(frames) - n_frames + 1, every):
            window = frames[start : start + n_frames]
            if np.ptp(window) > _SILENT_DB:
                windows.append(window)
                sources.append(sound.source)
    if not windows:
        raise ValueError("there is nothing to cut windows from: all sounds are silent")
    return Cut(np.stack(windows), tuple(sources))


def _programmes(folder: Path, kind: str, seed: int) -> list[Source]:
    paths = sorted(folder.glob("*.opus"))
    _require(paths, folder)
    groups = [re.sub(r"\d+$", "", path.stem) for path in paths]
    return _divided(paths, groups, kind, _HALF, seed)


def _excerpts(folder: Path, seed: int) -> list[Source]:
    rows = _index(folder)
    paths = [folder / row["file"] for row in rows]
    groups = [row["track"] for row in rows]
    return _divided(paths, groups, FREE_MUSIC, _QUARTER, seed)


def _folds(folder: Path) -> list[Source]:
    return [
        Source(
            name=f"{ENVIRONMENT}/{row['category']}/{row['file'].partition('.')[0]}",
            kind=ENVIRONMENT,
            side=HELD_OUT if row["fold"] == HELD_OUT_FOLD else FIT,
            group=f"fold {row['fold']}",
            path=folder / row["file"],
        )
        for row in _index(folder)
    ]


def _synthetic() -> list[Source]:
    sources = []
    for name in NOISES:
        for number in range(2 * _SYNTHETIC_EACH):
            side = FIT if number % 2 == 0 else HELD_OUT
            group = f"{name} {number}"
            label = f"{SYNTHETIC}/{name}/{number}"
            sources.append(Source(label, SYNTHETIC, side, group, None))
    return sources


def _divided(
    paths: Sequence[Path], groups: Sequence[str], kind: str, held_out: float, seed: int
) -> list[Source]:
    """Hold out a share of the groups, drawn by the seed."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    chosen = {names[i] for i in order[: round(held_out * len(names))]}
    return [
        Source(
            name=f"{kind}/{path.stem}",
            kind=kind,
            side=HELD_OUT if group in chosen else FIT,
            group=group,
            path=path,
        )
        for path, group in zip(paths, groups, strict=True)
    ]


def _index(folder: Path) -> list[dict[str, str]]:
    try:
        with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise ConfigError(
            f"cannot read {folder / 'index.csv'}: {error.strerror}; give the data "
            "folder with its recordings"
        ) from error
    _require(rows, folder)
    return rows


def _require(found: Sequence[object], folder: Path) -> None:
    if not found:
        raise ConfigError(f"{folder} holds no recordings: give the data folder")
