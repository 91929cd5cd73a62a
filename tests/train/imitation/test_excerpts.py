"""Excerpts: frames and moments of the same place, and nothing silent."""

from __future__ import annotations

import numpy as np
import pytest

from genre_train.imitation.excerpts import Excerpts, Heard
from genre_train.imitation.moments import MOMENT_FRAMES

N_FRAMES = 86
STEPS = N_FRAMES // MOMENT_FRAMES


def numbered(moments: int, frames: int | None = None) -> Heard:
    """A recording whose frames and moments tell where they are."""
    frames = moments * MOMENT_FRAMES if frames is None else frames
    levels = np.arange(frames, dtype=np.float32)[:, None] * [1.0, -1.0]
    values = np.arange(moments, dtype=np.float16)[:, None]
    return Heard(levels.astype(np.float16), values)


def test_frames_and_moments_begin_together(rng: np.random.Generator) -> None:
    levels, moments = Excerpts([numbered(20), numbered(9)], N_FRAMES).draw(rng, 64)
    assert levels.shape == (64, N_FRAMES, 2)
    assert moments.shape == (64, STEPS, 1)
    np.testing.assert_array_equal(levels[:, 0, 0], MOMENT_FRAMES * moments[:, 0, 0])
    assert len(set(moments[:, 0, 0])) > 10


@pytest.mark.parametrize(
    ("moments", "frames", "places"),
    [(6, 96, 1), (7, 112, 2), (5, 96, 1), (4, 96, 0), (9, 85, 0), (5, 86, 1)],
)
def test_an_excerpt_begins_where_all_of_it_is_there(
    moments: int, frames: int, places: int
) -> None:
    assert max(numbered(moments, frames).places(N_FRAMES), 0) == places


def test_recordings_too_short_are_left_out(rng: np.random.Generator) -> None:
    _, moments = Excerpts([numbered(2), numbered(6)], N_FRAMES).draw(rng, 8)
    assert (moments[:, 0] == 0).all()
    with pytest.raises(ValueError, match="no recording has 86 frames"):
        Excerpts([numbered(2)], N_FRAMES)


def test_a_share_is_heard_in_a_room_and_told_as_it_was(
    rng: np.random.Generator,
) -> None:
    one = numbered(20)
    in_room = one.frames + np.float16(1000.0)
    played = Heard(one.frames, one.moments, in_a_room=in_room)
    levels, moments = Excerpts([played], N_FRAMES, room=0.3).draw(rng, 400)
    there = levels[:, 0, 0] >= 1000.0
    assert 0.2 < there.mean() < 0.4
    places = np.where(there, levels[:, 0, 0] - 1000.0, levels[:, 0, 0])
    np.testing.assert_array_equal(places, MOMENT_FRAMES * moments[:, 0, 0])


def test_silence_is_not_drawn(rng: np.random.Generator) -> None:
    silent = Heard(np.zeros((320, 2), np.float16), np.ones((20, 1), np.float16))
    levels, _ = Excerpts([silent, numbered(20)], N_FRAMES).draw(rng, 32)
    assert (np.ptp(levels, axis=(1, 2)) > 0).all()


def test_the_scale_is_that_of_all_recordings() -> None:
    low = Heard(np.zeros((320, 2), np.float16), np.full((20, 2), -1, np.float16))
    high = Heard(np.zeros((320, 2), np.float16), np.full((20, 2), 3, np.float16))
    scale = Excerpts([low, high], N_FRAMES).scale()
    np.testing.assert_allclose(scale.mean, [1.0, 1.0])
    np.testing.assert_allclose(scale.deviation, [2.0, 2.0])
