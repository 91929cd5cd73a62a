"""Simulated rooms: against the reverberation time that was asked for."""

from __future__ import annotations

import numpy as np
import pyroomacoustics
import pytest

from genre_train.rooms import (
    RT60_S,
    Room,
    draw_room,
    impulse_response,
    impulse_responses,
    measure_rt60,
)

RATE = 22_050


def living_room(size_m: tuple[float, float, float], rt60_s: float) -> Room:
    return Room(size_m, (0.7, 0.4, 1.0), (2.2, 2.0, 1.2), rt60_s)


@pytest.mark.parametrize("rt60_s", [0.15, 0.5, 1.0])
def test_an_exponential_decay_is_measured(
    rng: np.random.Generator, rt60_s: float
) -> None:
    t = np.arange(round(2 * rt60_s * RATE)) / RATE
    tail = rng.normal(size=t.size) * 10.0 ** (-3.0 * t / rt60_s)
    assert measure_rt60(tail, RATE) == pytest.approx(rt60_s, rel=0.05)


@pytest.mark.parametrize("size_m", [(3.0, 2.8, 2.3), (6.5, 4.5, 2.8)])
@pytest.mark.parametrize("rt60_s", [0.25, 0.5])
def test_a_response_has_the_reverberation_time_asked_for(
    size_m: tuple[float, float, float], rt60_s: float
) -> None:
    response = impulse_response(living_room(size_m, rt60_s), RATE)
    assert measure_rt60(response, RATE) == pytest.approx(rt60_s, rel=0.2)
    oracle = pyroomacoustics.experimental.measure_rt60(
        response.astype(np.float64), fs=RATE, decay_db=20
    )
    assert oracle == pytest.approx(rt60_s, rel=0.2)


def test_rooms_are_living_rooms_with_everything_inside(
    rng: np.random.Generator,
) -> None:
    for _ in range(200):
        room = draw_room(rng)
        assert RT60_S[0] <= room.rt60_s <= RT60_S[1]
        for place in (room.source_m, room.microphone_m):
            assert all(0 < x < size for x, size in zip(place, room.size_m, strict=True))
        distance = np.linalg.norm(np.subtract(room.source_m, room.microphone_m))
        assert 1.0 <= distance <= 4.0


def test_a_response_begins_with_the_direct_sound_and_has_unit_energy() -> None:
    response = impulse_response(living_room((4.0, 3.0, 2.5), 0.2), RATE)
    assert response.dtype == np.float32
    assert np.square(response).sum() == pytest.approx(1.0, rel=1e-4)
    assert np.abs(response).argmax() == round(1e-3 * RATE)


def test_the_seed_decides_the_rooms() -> None:
    first, again, other = (draw_room(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.slow
def test_more_rooms_leave_the_first_ones_as_they_are() -> None:
    one, two = (impulse_responses(n, RATE, seed=5) for n in (1, 2))
    np.testing.assert_array_equal(one[0], two[0])
    assert two[0].size != two[1].size
