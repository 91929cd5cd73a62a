"""Recordings by both ears: as musicnn hears them, and as the network is shown them.

There is little music to learn from, so that each recording is heard in several takes:
faster and slower, with another recording beneath it, and each time in another room.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from genre_train.imitation.excerpts import Heard
from genre_train.imitation.keeping import Kept
from genre_train.imitation.moments import moments_of, warm_up
from genre_train.nomusic import load_sound
from genre_train.parallel import spread
from genre_train.playing import perform, prepare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.nomusic import Source
    from genre_train.playing import Performance

_SPEEDS = {1: (1.0, 1.0), 2: (0.85, 0.96), 3: (1.04, 1.18)}
"""Of the first takes, in which a recording is heard alone."""
_MIXTURE_SPEEDS = 0.85, 1.18
_BENEATH_SPEEDS = 0.9, 1.1
_LOWER_DB = 0.0, 12.0
_ITS_SPEED, _WHICH = 100, 200  # added to the number of a take, for other draws


@dataclass(frozen=True)
class Hearing:
    """How recordings are heard."""

    spec: FeatureSpec
    jobs: int = 1
    """Processes in which musicnn hears them."""
    takes: int = 5
    """How often each is heard."""
    cache: Path | None = None
    """Folder in which takes are kept, and taken from if they were heard before."""


class _Take(NamedTuple):
    number: int
    performance: Performance
    """Of the recording as it is to be heard, in a room."""


class _Answer(NamedTuple):
    name: str
    heard: Heard


def hear_takes(sources: Sequence[Source], how: Hearing) -> list[Heard]:
    """Hear all takes of recordings, in rooms, too.

    The first is of the recording as it is, two are of it slower and faster, and all
    others are mixtures.

    Returns
    -------
    list of Heard
        The first take of each, then the second, ...

    Raises
    ------
    ConfigError
        If musicnn is missing, or the cache cannot be written to.
    AudioError
        If a recording cannot be decoded.

    References
    ----------
    L. Beyer et al., "Knowledge distillation: A good teacher is patient and
    consistent", CVPR 2022: a teacher that hears the very mixture that is shown.
    """
    warm_up(how.jobs)
    takes = [
        _Take(number, prepare(_taken(one, number, sources), how.spec, number))
        for number in range(1, how.takes + 1)
        for one in sources
    ]
    hear_one = functools.partial(_hear_take, spec=how.spec, cache=how.cache)
    answers = spread(hear_one, takes, title="takes", jobs=how.jobs)
    return [one.heard for one in answers]


def hear(sources: Sequence[Source], how: Hearing) -> list[Heard]:
    """Hear recordings once, as they are, and in no room.

    Raises
    ------
    ConfigError
        If musicnn is missing.
    AudioError
        If a recording cannot be decoded.
    """
    warm_up(how.jobs)
    hear_one = functools.partial(_hear, spec=how.spec)
    answers = spread(hear_one, sources, title="recordings", jobs=how.jobs)
    return [one.heard for one in answers]


def _hear_take(take: _Take, spec: FeatureSpec, cache: Path | None) -> _Answer:
    source = take.performance.source
    kept = None if cache is None else Kept.of(cache, source, take.number, spec)
    heard = None if kept is None else kept.load()
    if heard is None:
        frames = perform(take.performance, spec).frames.astype(np.float16)
        heard = replace(_hear(source, spec).heard, in_a_room=frames)
        if kept is not None:
            kept.save(heard)
    return _Answer(source.name, heard)


def _hear(source: Source, spec: FeatureSpec) -> _Answer:
    frames = load_sound(source, spec).frames.astype(np.float16)
    return _Answer(source.name, Heard(frames, moments_of(source, spec)))


def _taken(source: Source, number: int, others: Sequence[Source]) -> Source:
    """Return a recording as it is to be heard in a take."""
    if number in _SPEEDS:
        return _at_a_speed(source, number, _SPEEDS[number])
    return _with_another(_at_a_speed(source, number, _MIXTURE_SPEEDS), others, number)


def _at_a_speed(source: Source, number: int, speeds: tuple[float, float]) -> Source:
    """Change tempo and key: other music, as far as musicnn and a genre go."""
    return replace(source, speed=float(source.generator(number).uniform(*speeds)))


def _with_another(source: Source, others: Sequence[Source], number: int) -> Source:
    """Have it heard with another recording, at most as loud as itself."""
    rng = source.generator(number + _WHICH)
    other = others[int(rng.integers(len(others)))]
    other = _at_a_speed(other, number + _ITS_SPEED, _BENEATH_SPEEDS)
    return replace(source, beneath=(other, float(rng.uniform(*_LOWER_DB))))
