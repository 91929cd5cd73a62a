"""Recordings as they are heard in a room: played there, and recorded again.

:mod:`genre_train.melroom` does the same to frames, where no samples are at hand, but
knows only powers. Here reflections meet the direct sound in their phases, and whether a
tone stands out or is cancelled is as accidental as in a real room.
"""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.channel import Tone
    from genre_train.noises import Samples
    from genre_train.nomusic import Source


@dataclass(frozen=True)
class _Take:
    source: Source
    response: Samples
    rng: np.random.Generator


def play_sounds(sources: Sequence[Source], spec: FeatureSpec, jobs: int) -> list[Sound]:
    """Play each recording once, in a room of the trainings, by any equipment.

    A recording is always played in the same way, whatever else is played.

    Parameters
    ----------
    jobs : int >= 1
        Processes that play.

    Raises
    ------
    AudioError
        If a recording cannot be decoded.
    """
    responses = impulse_responses(TRAINING_ROOMS, spec.sample_rate)
    takes = []
    for source in sources:
        rng = np.random.default_rng(zlib.crc32(source.name.encode()))
        takes.append(_Take(source, responses[rng.integers(len(responses))], rng))
    heard = functools.partial(_heard, spec=spec)
    return spread(heard, takes, title="in rooms", jobs=jobs)


def _heard(take: _Take, spec: FeatureSpec) -> Sound:
    rng, samples = take.rng, samples_of(take.source, spec.sample_rate)
    slope_db = rng.uniform(*NOISE_SLOPE_DB)
    channel = Channel(
        _any(rng, LOUDSPEAKERS),
        take.response,
        _any(rng, MICROPHONES),
        snr_db=rng.uniform(*ROOM_SNR_DB),
        noise=coloured(rng, samples.size, spec.sample_rate, slope_db),
        self_noise_db=rng.uniform(*SELF_NOISE_DB),
    )
    played = channel.apply(samples, spec.sample_rate, rng)
    return Sound(take.source, frames_of(played, spec))


def _any(rng: np.random.Generator, tones: dict[str, Tone]) -> Tone:
    return list(tones.values())[int(rng.integers(len(tones)))]
