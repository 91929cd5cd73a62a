"""What the doctor says of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.doctor.finding import State
from genre_daemon.doctor.level import judge

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 48_000


def sine(peak: float, offset: float = 0.0) -> NDArray[np.float32]:
    """Three seconds of concert pitch on two channels."""
    t = np.arange(3 * RATE) / RATE
    mono = np.clip(offset + peak * np.sin(2 * np.pi * 440 * t), -1, 1)
    return np.stack((mono, mono), axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "state", "words"),
    [
        (sine(0.5), State.WELL, "-9 dBFS"),
        (sine(0.0), State.PROBLEM, "digital silence: every sample is 0"),
        (sine(0.0, offset=0.25), State.PROBLEM, "stuck: every sample is 0.25"),
        (sine(2.0), State.PROBLEM, "of the samples clipped"),
        (sine(0.0002), State.NOTE, "very quiet: -77 dBFS"),
        (sine(0.1, offset=0.2), State.NOTE, "an offset of 0.20 of full scale"),
    ],
    ids=["music", "muted", "stuck", "too loud", "too quiet", "offset"],
)
def test_each_fault_of_a_microphone_has_its_name(
    samples: NDArray[np.float32], state: State, words: str
) -> None:
    finding = judge(samples)
    assert finding.state is state
    assert words in finding.found
    assert (finding.remedy == "") is (state is State.WELL)


def test_the_noise_of_a_quiet_room_is_well(rng: np.random.Generator) -> None:
    noise = (0.001 * rng.standard_normal((3 * RATE, 1))).astype(np.float32)
    assert judge(noise).state is State.WELL


def test_now_and_then_clipped_is_a_note_only() -> None:
    samples = sine(0.5)
    samples[:300] = 1.0
    finding = judge(samples)
    assert finding.state is State.NOTE
    assert "0.2% of the samples clipped" in finding.found


def test_a_loopback_may_be_silent() -> None:
    assert judge(sine(0.0), may_be_silent=True).state is State.NOTE


def test_channels_that_cancel_each_other_are_quiet_and_not_stuck() -> None:
    finding = judge(sine(0.5) * np.array([1, -1], np.float32))
    assert finding.state is State.NOTE
    assert "very quiet" in finding.found


def test_one_channel_of_two_may_be_dead() -> None:
    samples = sine(0.5)
    samples[:, 1] = 0.0
    assert judge(samples).state is State.WELL
