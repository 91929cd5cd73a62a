"""The microphone is taken away in every way there is, and given back.

A real sound server of our own, the daemon as a process, a real broker.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.integration.broker import Broker, broker
from tests.integration.daemons import daemon
from tests.integration.pulse import RATE, Pulse, pulse
from tests.integration.subscriber import Subscriber, subscriber

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["broker", "pulse"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

ROOM = "genre-listen/room"
PROMISED_S = 3.0
"""Within which it must be told that there is no microphone."""
LEEWAY_S = 5.0
"""For a machine that is busy with other things."""


class House:
    """A room with noise in it, a daemon that listens, and a home that is told."""

    def __init__(
        self, pulse: Pulse, home: Subscriber, process: subprocess.Popen[str]
    ) -> None:
        self.pulse = pulse
        self.home = home
        self.process = process

    def told(self, start: str) -> str:
        """Wait for the next word on the microphone that begins so; return it."""
        return self.home.wait(
            lambda message: (
                message[0] == f"{ROOM}/microphone" and message[1].startswith(start)
            )
        )[1]

    def told_of(self, loss: Callable[[], object]) -> str:
        """Take the microphone away; return what is told of that, in time."""
        lost_s = time.monotonic()
        loss()
        text = self.told("problem")
        assert time.monotonic() - lost_s < PROMISED_S + LEEWAY_S
        return text

    def log(self) -> list[str]:
        """End the daemon; return its log without the times."""
        self.process.terminate()
        _, err = self.process.communicate(timeout=30)
        assert self.process.returncode == 0
        return [line.partition(" ")[2] for line in err.splitlines()]


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Ten minutes of the sound of rain."""
    path = tmp_path / "noise.wav"
    rain = np.random.default_rng(440).normal(0, 0.05, (10 * RATE, 1))
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        for _ in range(60):
            file.write(rain.astype(np.float32))
    return path


@pytest.fixture
def house(pulse: Pulse, broker: Broker, noise: Path) -> Iterator[House]:
    """A house in which all is well."""
    environ = {**pulse.env, "GENRE_LISTEN_AUDIO_DEAF_AFTER_S": "2"}
    flags = ("--host", "127.0.0.1", "--port", str(broker.port), "--name", "room")
    pulse.play(noise)
    with subscriber(broker.port) as home, daemon(*flags, environ=environ) as process:
        house = House(pulse, home, process)
        house.told("ok")
        yield house


def test_a_muted_microphone_is_a_problem_without_a_stale_genre(house: House) -> None:
    assert house.home.on("room/genre")
    house.pulse.pactl("set-source-mute", "room.monitor", "1")
    assert "digital silence" in house.told("problem")
    house.home.wait(lambda message: message[0] == f"{ROOM}/genre" and not message[1])
    house.pulse.pactl("set-source-mute", "room.monitor", "0")
    house.told("ok")
    assert house.home.on("room/genre")
    log = house.log()
    # Not even silence, which the level alone would have said of a muted microphone.
    assert sum("digital silence" in line for line in log) == 1
    assert sum(line.startswith("listening to") for line in log) == 2


def unplug(pulse: Pulse) -> None:
    """Unload the room."""
    modules = pulse.pactl("list", "short", "modules").splitlines()
    (number,) = (line.split()[0] for line in modules if "module-null-sink" in line)
    pulse.unload_module(int(number))


def replug(pulse: Pulse) -> None:
    """Load it again."""
    pulse.load_module("module-null-sink", "sink_name=room", f"rate={RATE}")
    pulse.pactl("set-default-source", "room.monitor")


def test_unplugged_and_plugged_in_again_however_often(
    house: House, noise: Path
) -> None:
    for _ in range(3):
        house.told_of(lambda: unplug(house.pulse))
        replug(house.pulse)
        house.pulse.play(noise)
        house.told("ok")
    assert house.process.poll() is None
    assert sum(line.startswith("listening to") for line in house.log()) == 4


def test_a_stream_that_neither_ends_nor_delivers_is_opened_again(house: House) -> None:
    suspend = ("suspend-sink", "room")
    assert "nothing" in house.told_of(lambda: house.pulse.pactl(*suspend, "1"))
    house.pulse.pactl(*suspend, "0")
    house.told("ok")


def test_a_sound_server_that_dies_is_found_again(house: House, noise: Path) -> None:
    house.told_of(house.pulse.stop)
    house.pulse.start()
    house.pulse.play(noise)
    house.told("ok")


def test_a_frozen_sound_server_does_not_keep_the_daemon_from_leaving(
    house: House,
) -> None:
    house.told_of(lambda: os.kill(house.pulse.pid, signal.SIGSTOP))
    house.process.terminate()
    assert house.home.on("room/availability") == "offline"
    # 2 s is what the design grants; the rest is for a machine that is busy.
    assert house.process.wait(5.0) == 0
