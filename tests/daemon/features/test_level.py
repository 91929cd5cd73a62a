"""The level meter reads what a sound engineer expects."""

from __future__ import annotations

import numpy as np
import pytest

from genre_daemon.features.level import FLOOR_DBFS, LevelMeter


def sine(n: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A full-scale sine of whole periods."""
    return np.sin(2 * np.pi * np.arange(n) / 100).astype(np.float32)


def test_full_scale_sine_is_3_db_under_full_scale() -> None:
    meter = LevelMeter(1_000)
    meter.push(sine(1_000))
    assert meter.dbfs == pytest.approx(-3.01, abs=0.01)


def test_a_tenth_is_20_db_less() -> None:
    meter = LevelMeter(1_000)
    meter.push(0.1 * sine(1_000))
    assert meter.dbfs == pytest.approx(-23.01, abs=0.01)


def test_digital_silence_and_nothing_at_all_read_the_floor() -> None:
    meter = LevelMeter(1_000)
    assert meter.dbfs == FLOOR_DBFS
    meter.push(np.zeros(1_000, np.float32))
    assert meter.dbfs == FLOOR_DBFS


def test_only_the_last_samples_count() -> None:
    meter = LevelMeter(1_000)
    meter.push(sine(1_000))
    meter.push(np.zeros(400, np.float32))
    meter.push(np.zeros(600, np.float32))
    assert meter.dbfs == FLOOR_DBFS


@pytest.mark.parametrize("length", [1, 300, 999, 1_000, 1_700])
def test_any_chunking_gives_the_same_level(length: int) -> None:
    signal = np.linspace(0, 1, 5_000, dtype=np.float32)
    meter, whole = LevelMeter(1_000), LevelMeter(1_000)
    for start in range(0, signal.size, length):
        meter.push(signal[start : start + length])
    whole.push(signal)
    assert meter.dbfs == whole.dbfs


def test_reset_forgets() -> None:
    meter = LevelMeter(1_000)
    meter.push(sine(1_000))
    meter.reset()
    assert meter.dbfs == FLOOR_DBFS
