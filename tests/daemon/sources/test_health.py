"""Deafness, told from the samples alone."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from genre_daemon.sources import styles
from genre_daemon.sources.health import (
    CLIPPING,
    LOSING,
    MUTED,
    STUCK,
    SignalHealth,
)
from genre_daemon.sources.source import Block

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 16_000
BLOCK = RATE // 4


def hear(
    health: SignalHealth, samples: NDArray[np.float32], rate: int = RATE
) -> list[tuple[float, str]]:
    """Push samples; return each change of the problem and its second."""
    changes = []
    before = health.problem
    n = rate // 4
    for start in range(0, len(samples), n):
        health.push(Block(samples[start : start + n]))
        if health.problem != before:
            before = health.problem
            changes.append(((start + n) / rate, before))
    return changes


def constant(seconds: float, value: float) -> NDArray[np.float32]:
    """Return one value for so long."""
    return np.full(round(seconds * RATE), value, np.float32)


@pytest.fixture
def quiet_room(rng: np.random.Generator) -> NDArray[np.float32]:
    """Twenty seconds of the faintest room: the last of 16 bits moves now and then."""
    steps = rng.choice([0, 0, 0, 1, -1], 20 * RATE)
    return (steps / 32_768).astype(np.float32)


def test_exact_zeros_are_a_muted_microphone_until_a_single_bit_moves(
    quiet_room: NDArray[np.float32],
) -> None:
    muted = constant(15.0, 0.0)
    told = hear(SignalHealth(RATE, 10.0), np.concatenate((muted, quiet_room)))
    assert told == [(10.0, MUTED), (15.25, "")]


def test_zeros_for_less_than_that_are_none_however_often() -> None:
    tone = np.sin(np.arange(RATE)).astype(np.float32) * 0.1
    songs = np.concatenate([np.concatenate((tone, constant(9.0, 0.0)))] * 4)
    assert hear(SignalHealth(RATE, 10.0), songs) == []


def test_where_silence_may_be_digital_it_is_no_fault() -> None:
    assert hear(SignalHealth(RATE, 0.0), constant(600.0, 0.0)) == []


@pytest.mark.parametrize("value", [0.25, -1.0, 1.0, 1 / 32_768])
def test_one_value_other_than_zero_is_a_stuck_converter(
    value: float, quiet_room: NDArray[np.float32]
) -> None:
    stuck = constant(5.0, value)
    told = hear(SignalHealth(RATE, 0.0), np.concatenate((stuck, quiet_room)))
    assert told[:1] == [(3.0, STUCK)]
    assert told[-1] == (5.25, "")


def test_a_quiet_room_is_never_deaf(quiet_room: NDArray[np.float32]) -> None:
    assert hear(SignalHealth(RATE), quiet_room) == []


def test_one_dead_channel_beside_a_live_one_is_a_mono_microphone(
    quiet_room: NDArray[np.float32],
) -> None:
    stereo = np.stack((quiet_room, np.zeros_like(quiet_room)), axis=1)
    assert hear(SignalHealth(RATE), stereo) == []


def test_a_constant_that_jumps_is_not_stuck_at_one_value() -> None:
    steps = np.repeat(np.linspace(-1.0, 1.0, 10, dtype=np.float32), 2 * RATE)
    assert STUCK not in [problem for _, problem in hear(SignalHealth(RATE), steps)]


def loud(seconds: float, gain_db: float) -> NDArray[np.float32]:
    """Return music of the built-in demo, turned up and clipped."""
    music = np.resize(piece(), round(seconds * 22_050))
    louder = music * np.float32(10 ** (gain_db / 20))
    return np.asarray(np.clip(louder, -1.0, 1.0), np.float32)


@functools.cache
def piece() -> NDArray[np.float32]:
    """A piece of the built-in demo."""
    return styles.render(0)


def test_music_far_too_loud_clips_all_the_time_until_the_gain_is_lowered() -> None:
    music = np.concatenate((loud(30.0, 24.0), loud(30.0, 0.0)))
    told = hear(SignalHealth(22_050), music, 22_050)
    assert [problem for _, problem in told] == [CLIPPING, ""]
    assert 5.0 < told[0][0] < 20.0  # not at the first shout, and not after minutes
    assert 30.0 < told[1][0] < 60.0


def test_a_shout_or_a_loud_passage_is_no_fault() -> None:
    music = np.concatenate((loud(20.0, 0.0), loud(4.0, 24.0), loud(20.0, 0.0)))
    assert hear(SignalHealth(22_050), music, 22_050) == []


def test_losing_audio_every_few_seconds_is_a_fault_until_it_stops(
    quiet_room: NDArray[np.float32],
) -> None:
    health = SignalHealth(RATE)
    told = []
    for second in range(40):
        lost_s = 0.1 if second in (3, 6, 9, 12, 15) else 0.0
        health.push(Block(quiet_room[:RATE], lost_s))
        told.append(health.problem)
    changes = [problem for problem, _ in itertools.groupby(told)]
    assert changes == ["", LOSING, ""]
    assert told.index(LOSING) == 12
    assert told[24] == LOSING
    assert told[27] == ""


def test_a_loss_now_and_then_is_only_counted(
    quiet_room: NDArray[np.float32],
) -> None:
    health = SignalHealth(RATE)
    for second in range(200):
        health.push(Block(quiet_room[:RATE], 0.1 if second % 8 == 0 else 0.0))
        assert health.problem == ""


@pytest.mark.data
def test_no_record_at_its_own_level_is_taken_for_clipping(data_dir: Path) -> None:
    paths = sorted((data_dir / "demo").rglob("*.ogg"))[:4]
    paths += sorted((data_dir / "gtzan_clips").rglob("*.*"))[::6]
    paths = [path for path in paths if path.suffix in (".ogg", ".wav", ".flac", ".mp3")]
    assert len(paths) > 4
    for path in paths:
        samples, rate = soundfile.read(path, dtype="float32", frames=30 * 44_100)
        told = [problem for _, problem in hear(SignalHealth(rate), samples, rate)]
        assert CLIPPING not in told, path.name
