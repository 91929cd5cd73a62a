"""Room impulse responses: what a living room does between loudspeaker and microphone.

Rooms are boxes of living-room size whose walls all absorb alike; their reflections
come from the image-source method. Furniture, people and the loudspeaker's directivity
are not modelled.

References
----------
J. B. Allen and D. A. Berkley, "Image method for efficiently simulating small-room
acoustics", J. Acoust. Soc. Am. 65(4), 1979.
R. Scheibler, E. Bezzam and I. Dokmanic, "Pyroomacoustics", ICASSP 2018.
M. R. Schroeder, "New method of measuring reverberation time", J. Acoust. Soc. Am.
37(3), 1965; ISO 3382-2.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRAINING_ROOMS = 48
"""As many as are simulated for a training."""

RT60_S = (0.2, 0.8)
"""Reverberation times of furnished living rooms, seconds."""

_SIZE_M = ((3.0, 7.0), (2.8, 5.0), (2.3, 3.0))  # length, width, height
_FROM_WALL_M = 0.3
_SOURCE_HEIGHT_M = (0.4, 1.4)  # on the floor stand, shelf or table
_MICROPHONE_HEIGHT_M = (0.5, 1.6)
_DISTANCE_M = (1.0, 4.0)
_SPEED_OF_SOUND = 343.0
_TRIES = 3
_CLOSE_ENOUGH = 0.05  # of the reverberation time that was asked for
_PRE_DELAY_S = 1e-3  # kept in front of the direct sound


@dataclass(frozen=True)
class Room:
    """A box with a loudspeaker and a microphone in it."""

    size_m: tuple[float, float, float]
    """Length, width, height."""
    source_m: tuple[float, float, float]
    """Where the loudspeaker stands."""
    microphone_m: tuple[float, float, float]
    rt60_s: float
    """Seconds until the reverberation has fallen by 60 dB."""


def draw_room(rng: np.random.Generator) -> Room:
    """Draw a room with a loudspeaker near a wall and a microphone 1 to 4 m from it."""
    size = np.array([rng.uniform(*limits) for limits in _SIZE_M])
    while True:
        places = rng.uniform(_FROM_WALL_M, size - _FROM_WALL_M, size=(2, 3))
        source, microphone = places
        source[1] = rng.uniform(0.2, 0.6)  # along the wall at width 0
        source[2] = rng.uniform(*_SOURCE_HEIGHT_M)
        microphone[2] = rng.uniform(*_MICROPHONE_HEIGHT_M)
        if _DISTANCE_M[0] <= np.linalg.norm(source - microphone) <= _DISTANCE_M[1]:
            break
    return Room(
        _triple(size), _triple(source), _triple(microphone), rng.uniform(*RT60_S)
    )


def impulse_response(room: Room, sample_rate: int) -> NDArray[np.float32]:
    """Simulate a room.

    The absorption of the walls is corrected until the response measures the
    reverberation time that was asked for: formulas for diffuse sound are off by a
    quarter in small rooms.

    Returns
    -------
    ndarray, shape (n,), float32
        From just before the direct sound on, of unit energy.
    """
    assumed_s = room.rt60_s
    for _ in range(_TRIES):
        response = _simulate(room, assumed_s, sample_rate)
        ratio = measure_rt60(response, sample_rate) / room.rt60_s
        if abs(ratio - 1.0) < _CLOSE_ENOUGH:
            break
        assumed_s /= ratio
    direct = int(np.abs(response).argmax())
    response = response[max(0, direct - round(_PRE_DELAY_S * sample_rate)) :]
    return np.asarray(response / np.sqrt(np.square(response).sum()), np.float32)


def impulse_responses(
    n: int, sample_rate: int, seed: int = 0
) -> list[NDArray[np.float32]]:
    """Simulate ``n`` rooms; the same seed gives the same rooms, whatever ``n`` is."""
    return [_simulated(seed, i, sample_rate) for i in range(n)]


@functools.lru_cache(maxsize=TRAINING_ROOMS)  # much of a training is in the same ones
def _simulated(seed: int, number: int, sample_rate: int) -> NDArray[np.float32]:
    return impulse_response(
        draw_room(np.random.default_rng([seed, number])), sample_rate
    )


def measure_rt60(response: NDArray[Any], sample_rate: int) -> float:
    """Measure the reverberation time of a response: T20, twice extrapolated.

    Schroeder's backward integral falls from -5 to -25 dB in a third of the time.
    """
    energy = np.cumsum(np.square(response[::-1], dtype=np.float64))[::-1]
    decay_db = 10.0 * np.log10(np.maximum(energy / energy[0], 1e-12))
    begin, end = (int(np.argmax(decay_db <= level)) for level in (-5.0, -25.0))
    times = np.arange(begin, end) / sample_rate
    slope = np.polyfit(times, decay_db[begin:end], 1)[0]
    return float(-60.0 / slope)


def _simulate(room: Room, rt60_s: float, sample_rate: int) -> NDArray[np.float64]:
    import pyroomacoustics  # noqa: PLC0415 - it takes seconds

    length, width, height = room.size_m
    volume = length * width * height
    surface = 2 * (length * width + length * height + width * height)
    # Eyring's formula: unlike Sabine's it never asks for walls that absorb all.
    per_second = _SPEED_OF_SOUND * surface / (4 * volume)  # reflections of a ray
    absorption = 1.0 - np.exp(-6 * np.log(10) / (per_second * rt60_s))
    box = pyroomacoustics.ShoeBox(
        room.size_m,
        fs=sample_rate,
        materials=pyroomacoustics.Material(float(absorption)),
        # As many reflections as fit into two thirds of the time: down to -40 dB.
        max_order=int(_SPEED_OF_SOUND * rt60_s / min(room.size_m) * 2 / 3) + 1,
        air_absorption=True,
    )
    box.add_source(room.source_m)
    box.add_microphone(room.microphone_m)
    box.compute_rir()
    return np.asarray(box.rir[0][0])


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = values.tolist()
    return x, y, z
