"""Recordings as samples: two that are heard at once."""

from __future__ import annotations

import numpy as np
import pytest

from genre_train.samples import mixed

RATE = 22050
T = np.arange(RATE) / RATE
LOW = (0.5 * np.sin(2 * np.pi * 200 * T)).astype(np.float32)
HIGH = (0.01 * np.sin(2 * np.pi * 2000 * T)).astype(np.float32)


def level_db(samples: np.ndarray, hertz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(20 * np.log10(spectrum[hertz * samples.size // RATE]))


@pytest.mark.parametrize("lower_db", [0.0, 6.0, 12.0])
def test_what_is_beneath_is_so_much_less_loud_however_loud_it_was(
    lower_db: float,
) -> None:
    both = mixed(LOW, HIGH, lower_db)
    apart = level_db(both, 200) - level_db(both, 2000)
    assert apart == pytest.approx(lower_db, abs=0.01)


def test_both_together_are_as_loud_as_the_first_was() -> None:
    both = mixed(LOW, HIGH, 0.0)
    assert both.dtype == np.float32
    assert np.square(both).mean() == pytest.approx(np.square(LOW).mean(), rel=1e-4)


def test_what_goes_on_after_the_end_is_left_out() -> None:
    both = mixed(LOW[: RATE // 2], HIGH, 0.0)
    assert both.size == RATE // 2


def test_after_the_end_of_what_is_beneath_the_first_goes_on_alone() -> None:
    both = mixed(LOW, HIGH[: RATE // 2], 0.0)
    assert level_db(both[RATE // 2 :], 2000) < level_db(both[: RATE // 2], 2000) - 40
    assert both.size == RATE


@pytest.mark.parametrize("silent", [np.zeros(9, np.float32), np.empty(0, np.float32)])
def test_silence_beneath_changes_nothing(silent: np.ndarray) -> None:
    np.testing.assert_array_equal(mixed(LOW, silent, 3.0), LOW)
    np.testing.assert_array_equal(mixed(silent, LOW, 3.0), silent)
