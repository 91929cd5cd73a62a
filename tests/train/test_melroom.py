"""The room among log-mel frames: against the same room among samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.songs import GENRES, RATE, song

from genre_daemon.features.patches import standardise
from genre_daemon.features.spec import FeatureSpec
from genre_train.bandwidth import TOP_DB
from genre_train.channel import reverberate
from genre_train.melroom import (
    MelRoom,
    fit_room,
    reverberate_bands,
    through_equipment,
    through_room,
)
from genre_train.rooms import Room, impulse_response
from genre_train.samples import frames_of, read_samples

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.augment import Batch
    from genre_train.noises import Samples

SPEC = FeatureSpec()
LENGTH = SPEC.patch_frames


@pytest.fixture(scope="module")
def responses() -> list[Samples]:
    dry, wet = (
        Room((4.2, 3.4, 2.5), (0.8, 0.4, 1.0), (3.0, 2.5, 1.2), rt60_s)
        for rt60_s in (0.25, 0.5)
    )
    return [impulse_response(dry, RATE), impulse_response(wet, RATE)]


def correlation(one: Batch, other: Batch) -> float:
    a, b = (standardise(x, SPEC.top_db).ravel() for x in (one, other))
    return float(np.corrcoef(a, b)[0, 1])


def plain(*, direct: float = 1.0, kept: float = 0.0, gain_db: float = 0.0) -> MelRoom:
    return MelRoom(*(np.full(128, x, np.float32) for x in (gain_db, direct, kept)))


def test_a_room_without_echoes_changes_nothing(rng: np.random.Generator) -> None:
    batch = rng.normal(0, 15, (2, 50, 128)).astype(np.float32)
    np.testing.assert_allclose(
        reverberate_bands(batch, [plain(), plain()]), batch, atol=1e-3
    )


def test_the_gain_is_that_of_steady_sound() -> None:
    steady = np.full((1, 50, 128), -30.0, np.float32)
    room = plain(direct=0.4, kept=0.7, gain_db=6.0)
    np.testing.assert_allclose(reverberate_bands(steady, [room]), -24.0, atol=0.01)


def test_a_tail_falls_as_fast_as_the_room_says() -> None:
    click = np.full((1, 60, 128), -140.0, np.float32)
    click[0, 5] = 0.0
    heard = reverberate_bands(click, [plain(direct=0.5, kept=0.5)])
    steps = np.diff(heard[0, 8:30, 0])
    np.testing.assert_allclose(steps, 10 * np.log10(0.5), atol=0.01)


def test_one_reflectionless_impulse_is_fitted_as_a_wire() -> None:
    impulse = np.zeros(4_000, np.float32)
    impulse[20] = 1.0
    room = fit_room(impulse, SPEC)
    np.testing.assert_allclose(room.gain_db, 0.0, atol=0.01)
    np.testing.assert_allclose(room.direct, 1.0, atol=1e-3)


@pytest.mark.parametrize("rt60_s", [0.3, 0.7])
def test_an_exponential_tail_is_fitted(rng: np.random.Generator, rt60_s: float) -> None:
    t = np.arange(round(1.5 * rt60_s * RATE)) / RATE
    response = rng.normal(0.0, 0.02, t.size) * 10.0 ** (-3.0 * t / rt60_s)
    response[0] = 1.0
    room = fit_room(response.astype(np.float32), SPEC)
    expected = 10.0 ** (-6.0 * SPEC.hop_length / RATE / rt60_s)
    assert np.median(room.kept) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("genre", GENRES)
def test_it_is_close_to_the_room_among_samples(
    responses: list[Samples], genre: str
) -> None:
    sound = song(genre, np.random.default_rng(3), 8)
    frames = frames_of(sound, SPEC)
    for response in responses:
        truth = frames_of(reverberate(sound, response), SPEC)[-LENGTH:]
        found = reverberate_bands(frames[None], [fit_room(response, SPEC)])[0]
        near = correlation(found[-LENGTH:], truth)
        assert near > 0.8
        assert near > correlation(frames[-LENGTH:], truth)


@pytest.mark.data
def test_it_is_close_on_music(responses: list[Samples], data_dir: Path) -> None:
    rooms = [fit_room(response, SPEC) for response in responses]
    dry, near = [], []
    for i, path in enumerate(sorted((data_dir / "gtzan_clips").rglob("*.flac"))[::3]):
        sound = read_samples(path, RATE)[: 10 * RATE]
        frames, number = frames_of(sound, SPEC), i % len(rooms)
        truth = frames_of(reverberate(sound, responses[number]), SPEC)[-LENGTH:]
        found = reverberate_bands(frames[None], [rooms[number]])[0]
        dry.append(correlation(frames[-LENGTH:], truth))
        near.append(correlation(found[-LENGTH:], truth))
    assert min(near) > 0.92
    # The most of what a room does to a patch is done.
    assert 1 - np.mean(near) < 0.5 * (1 - np.mean(dry))


def test_the_whole_way_is_pure_repeatable_and_clipped(rng: np.random.Generator) -> None:
    rooms = [plain(direct=0.6, kept=0.6), plain(direct=0.9, kept=0.3, gain_db=3.0)]
    batch = rng.normal(0, 17, (5, 130, 128)).astype(np.float32)
    kept = batch.copy()
    first, again = (
        through_room(batch, np.random.default_rng(2), rooms) for _ in range(2)
    )
    np.testing.assert_array_equal(batch, kept)
    np.testing.assert_array_equal(first, again)
    assert first.dtype == np.float32
    assert np.ptp(first, axis=(1, 2)).max() <= TOP_DB + 1e-3
    assert np.isfinite(first).all()


def test_other_sounds_can_be_the_noise(rng: np.random.Generator) -> None:
    batch = np.full((1, 60, 128), -60.0, np.float32)
    voice = np.full_like(batch, -90.0)
    voice[0, 30:, 20] = 20.0
    heard = through_room(batch, rng, [plain()], voice)[0]
    assert heard[40, 20] > heard[10, 20] + 6


def test_without_a_room_equipment_colours_and_leaves_no_tail(
    rng: np.random.Generator,
) -> None:
    batch = np.full((32, 60, 128), -60.0, np.float32)
    batch[:, 20:40] = 0.0
    heard = through_equipment(batch, rng)
    before, sound, after = heard[:, 5:15], heard[:, 22:38], heard[:, 42:52]
    quiet, again = (part.mean(axis=(1, 2)) for part in (before, after))
    np.testing.assert_allclose(again, quiet, atol=1.0)
    lowest = (sound - sound.max(axis=(1, 2), keepdims=True)).mean(axis=1)[:, 2]
    # A phone gives nothing there, and a good loudspeaker nearly all.
    assert lowest.min() < -15.0
    assert lowest.max() > -10.0
