"""Recordings played in rooms: the same in time, another sound, always the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from genre_daemon.features.spec import FeatureSpec
from genre_train import playing
from genre_train.nomusic import FIT, MUSIC, SYNTHETIC, Source, load_sounds
from genre_train.playing import play_sounds

if TYPE_CHECKING:
    from pathlib import Path

SPEC = FeatureSpec()
HUM = Source("synthetic/hum/0", SYNTHETIC, FIT, "hum 0", None)
KNOCKS = Source("synthetic/knocks/2", SYNTHETIC, FIT, "knocks 2", None)


@pytest.fixture(autouse=True)
def few_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate no more rooms than a test needs."""
    monkeypatch.setattr(playing, "TRAINING_ROOMS", 2)


@pytest.fixture
def bursts(tmp_path: Path) -> Source:
    """A tone that comes and goes: half a second of each, for three seconds."""
    t = np.arange(3 * SPEC.sample_rate) / SPEC.sample_rate
    tone = 0.5 * np.sin(2 * np.pi * 1000 * t) * (t % 1.0 < 0.5)
    path = tmp_path / "bursts.wav"
    soundfile.write(path, tone, SPEC.sample_rate)
    return Source("music/bursts", MUSIC, FIT, "bursts", path)


def test_a_room_fills_the_gaps_and_moves_nothing(
    bursts: Source, tmp_path: Path
) -> None:
    (dry,) = load_sounds([bursts], SPEC, tmp_path / "cache")
    (wet,) = play_sounds([bursts], SPEC, jobs=1)
    assert wet.source == bursts
    assert wet.frames.shape == dry.frames.shape
    band = int(dry.frames.mean(axis=0).argmax())
    heard, played = dry.frames[:, band], wet.frames[:, band]
    rise, later = (np.maximum(np.diff(levels), 0.0) for levels in (heard, played))
    lag = int(np.correlate(rise, later, "full").argmax()) - (len(rise) - 1)
    assert abs(lag) <= 1
    assert np.ptp(played) < np.ptp(heard) - 20.0


def test_a_take_is_the_same_every_time_and_another_one_differs() -> None:
    first, again, second = (
        play_sounds([HUM, KNOCKS], SPEC, jobs=1, take=take) for take in (1, 1, 2)
    )
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.frames, other.frames)
    for one, other in zip(first, second, strict=True):
        assert np.abs(one.frames - other.frames).mean() > 1.0


@pytest.mark.slow
def test_processes_hear_what_one_hears() -> None:
    here = play_sounds([HUM, KNOCKS], SPEC, jobs=1)
    there = play_sounds([HUM, KNOCKS], SPEC, jobs=2)
    assert [one.name for one in there] == [HUM.name, KNOCKS.name]
    for one, other in zip(here, there, strict=True):
        np.testing.assert_array_equal(one.frames, other.frames)
