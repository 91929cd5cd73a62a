"""What the microphone does around PortAudio; the real thing is in integration."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from genre_daemon.sources.capture import Microphone, _settings
from genre_daemon.sources.devices import InputDevice
from genre_daemon.sources.ring import Ring

RATE = 48_000


def device(channels: int, rate: int = RATE) -> InputDevice:
    """Return an input."""
    return InputDevice(0, "mic", "ALSA", channels, rate, is_default=True)


@pytest.mark.parametrize(("channels", "first"), [(1, 1), (2, 2), (8, 2), (32, 2)])
def test_the_devices_own_rate_and_at_most_two_channels_are_tried_first(
    channels: int, first: int
) -> None:
    assert next(_settings(device(channels, 32_000))) == (32_000, first, "float32")


def test_mono_then_all_channels_then_other_rates_then_integers_are_tried() -> None:
    tried = list(_settings(device(8)))

    assert tried[:3] == [(RATE, count, "float32") for count in (2, 1, 8)]
    assert tried[3] == (44_100, 2, "float32")
    assert {dtype for _, _, dtype in tried} == {"float32", "int16"}
    assert len(set(tried)) == len(tried)


def callback(microphone: Microphone, n: int, *, overflow: bool) -> None:
    """Hand samples over as PortAudio does."""
    flags = SimpleNamespace(input_overflow=overflow)
    microphone._take(np.zeros((n, 1), np.float32), n, None, flags)


def listening(channels: int = 1) -> Microphone:
    """Return a microphone that PortAudio has opened, but for PortAudio."""
    microphone = Microphone()
    microphone._rate = RATE
    microphone._ring = Ring(RATE, channels)
    microphone._stream = SimpleNamespace(active=True)
    microphone._checked_s, microphone._idle_s, microphone._seen = 0.0, 0.0, 0
    return microphone


def test_an_overflow_is_a_gap_before_the_next_block() -> None:
    microphone = listening()
    callback(microphone, 4_800, overflow=False)
    callback(microphone, 4_800, overflow=True)

    before, after = microphone.read(0.0), microphone.read(0.0)

    assert before is not None
    assert after is not None
    assert (before.samples.shape, before.lost_s) == ((4_800, 1), 0.0)
    assert after.samples.shape == (4_800, 1)
    assert 0.0 < after.lost_s < 1.0
    assert microphone.overflows == 1


def test_an_overflow_before_the_first_block_loses_nothing_that_matters() -> None:
    microphone = listening()
    callback(microphone, 4_800, overflow=True)

    block = microphone.read(0.0)

    assert block is not None
    assert block.lost_s == 0.0
    assert microphone.overflows == 0


def test_a_reader_that_is_away_too_long_learns_how_much_it_missed() -> None:
    microphone = listening()
    for _ in range(12):
        callback(microphone, 4_800, overflow=False)
    kept = [microphone.read(0.0) for _ in range(3)]
    callback(microphone, 4_800, overflow=False)

    block = microphone.read(0.0)

    assert block is not None
    assert block.lost_s == pytest.approx(0.2)
    assert microphone.overflows == 1
    # Never more at a time than when it is there in time.
    assert [len(one.samples) for one in kept if one] == [16_800, 16_800, 14_400]


def test_nothing_within_the_time_is_no_block() -> None:
    assert listening().read(0.01) is None


def test_before_it_is_opened_a_microphone_is_called_what_was_asked_for() -> None:
    assert Microphone("USB").name == "USB"
