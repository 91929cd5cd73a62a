"""Recordings as they are heard in a room: played there, and recorded again.

:mod:`genre_train.melroom` does the same to frames, where no samples are at hand, but
knows only powers. Here reflections meet the direct sound in their phases, and whether a
tone stands out or is cancelled is as accidental as in a real room.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from genre_train.channel import (
    LOUDSPEAKERS,
    MICROPHONES,
    NOISE_SLOPE_DB,
    ROOM_SNR_DB,
    SELF_NOISE_DB,
    Channel,
)
from genre_train.noises import coloured
from genre_train.nomusic import Sound, samples_of
from genre_train.parallel import spread
from genre_train.rooms import TRAINING_ROOMS, impulse_responses
from genre_train.samples import frames_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.noises import Samples
    from genre_train.nomusic import Source

_One = TypeVar("_One")


def play_sounds(
    sources: Sequence[Source], spec: FeatureSpec, jobs: int, take: int = 1
) -> list[Sound]:
    """Play each recording in a room of the trainings, by any equipment.

    Parameters
    ----------
    jobs : int >= 1
        Processes that play.
    take : int
        Another one has another room, other equipment and other noise.

    Raises
    ------
    AudioError
        If a recording cannot be decoded.
    """
    performances = [prepare(one, spec, take) for one in sources]
    heard = functools.partial(perform, spec=spec)
    return spread(heard, performances, title="in rooms", jobs=jobs)


@dataclass(frozen=True)
class Performance:
    """A recording that is going to be played."""

    source: Source
    channel: Channel
    rng: np.random.Generator


def prepare(source: Source, spec: FeatureSpec, take: int) -> Performance:
    """Choose room and equipment, here and not in each process: rooms take a while."""
    rng = source.generator(take)
    responses = impulse_responses(TRAINING_ROOMS, spec.sample_rate)
    return Performance(source, _draw_channel(rng, responses), rng)


def perform(performance: Performance, spec: FeatureSpec) -> Sound:
    """Play a recording.

    Raises
    ------
    AudioError
        If it cannot be decoded.
    """
    source, rng = performance.source, performance.rng
    samples = samples_of(source, spec.sample_rate)
    slope_db = rng.uniform(*NOISE_SLOPE_DB)
    noise = coloured(rng, samples.size, spec.sample_rate, slope_db)
    channel = replace(performance.channel, noise=noise)
    played = channel.apply(samples, spec.sample_rate, rng)
    return Sound(source, frames_of(played, spec))


def _draw_channel(rng: np.random.Generator, responses: Sequence[Samples]) -> Channel:
    return Channel(
        _any(rng, list(LOUDSPEAKERS.values())),
        _any(rng, responses),
        _any(rng, list(MICROPHONES.values())),
        snr_db=rng.uniform(*ROOM_SNR_DB),
        self_noise_db=rng.uniform(*SELF_NOISE_DB),
    )


def _any(rng: np.random.Generator, these: Sequence[_One]) -> _One:
    return these[int(rng.integers(len(these)))]
