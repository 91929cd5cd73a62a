"""Recordings by both ears: as musicnn hears them, and as the network is shown them.

There is little music to learn from, so that each recording is heard in several takes:
faster and slower, with another recording beneath it, and each time in another room.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from genre_train.imitation.excerpts import Heard
from genre_train.imitation.moments import hear_moments
from genre_train.nomusic import load_sounds
from genre_train.playing import play_sounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.nomusic import Source


@dataclass(frozen=True)
class _Take:
    number: int
    speeds: tuple[float, float]
    with_others: bool = False


_TAKES = (
    _Take(1, (1.0, 1.0)),
    _Take(2, (0.85, 0.96)),
    _Take(3, (1.04, 1.18)),
    _Take(4, (0.85, 1.18), with_others=True),
    _Take(5, (0.85, 1.18), with_others=True),
)
_BENEATH_SPEEDS = 0.9, 1.1
_LOWER_DB = 0.0, 12.0
_ITS_SPEED, _WHICH = 100, 200  # added to the number of a take, for other draws


def hear_takes(sources: Sequence[Source], spec: FeatureSpec, jobs: int) -> list[Heard]:
    """Hear all takes of recordings, in rooms, too.

    Parameters
    ----------
    jobs : int
        Processes in which musicnn hears them.

    Raises
    ------
    ConfigError
        If musicnn is missing.
    AudioError
        If a recording cannot be decoded.

    References
    ----------
    L. Beyer et al., "Knowledge distillation: A good teacher is patient and
    consistent", CVPR 2022: a teacher that hears the very mixture that is shown.
    """
    heard: list[Heard] = []
    for take in _TAKES:
        taken = [_at_a_speed(one, take.number, take.speeds) for one in sources]
        if take.with_others:
            taken = _with_others(taken, sources, take.number)
        played = play_sounds(taken, spec, jobs, take.number)
        for one, in_a_room in zip(hear(taken, spec, jobs), played, strict=True):
            frames = in_a_room.frames.astype(np.float16)
            heard.append(replace(one, in_a_room=frames))
    return heard


def hear(sources: Sequence[Source], spec: FeatureSpec, jobs: int) -> list[Heard]:
    """Hear recordings as they are, or as is said of them.

    Raises
    ------
    ConfigError
        If musicnn is missing.
    AudioError
        If a recording cannot be decoded.
    """
    moments, sounds = hear_moments(sources, spec, jobs), load_sounds(sources, spec)
    return [
        Heard(sound.frames.astype(np.float16), one.values)
        for sound, one in zip(sounds, moments, strict=True)
    ]


def _at_a_speed(source: Source, number: int, speeds: tuple[float, float]) -> Source:
    """Change tempo and key: other music, as far as musicnn and a genre go."""
    return replace(source, speed=float(source.generator(number).uniform(*speeds)))


def _with_others(
    taken: Sequence[Source], others: Sequence[Source], number: int
) -> list[Source]:
    """Have each heard with another recording, at most as loud as itself."""
    mixtures = []
    for one in taken:
        rng = one.generator(number + _WHICH)
        other = others[int(rng.integers(len(others)))]
        other = _at_a_speed(other, number + _ITS_SPEED, _BENEATH_SPEEDS)
        lower_db = float(rng.uniform(*_LOWER_DB))
        mixtures.append(replace(one, beneath=(other, lower_db)))
    return mixtures
