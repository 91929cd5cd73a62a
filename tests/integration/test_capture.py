"""The microphone, through a real sound server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from tests.integration.pulse import Pulse, pulse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["pulse"]
pytestmark = pytest.mark.service

RECORDER = Path(__file__).with_name("recorder.py")
DAEMON = Path(__file__).parents[2] / "daemon"


class Recording:
    """A recorder at work in another process."""

    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process = process
        self._output = output
        self.told: dict[str, Any] = {}

    def finish(self) -> NDArray[np.float32]:
        """Wait for its answer; return what it heard. It lives on without a device."""
        assert self.process.stdout is not None
        self.told = json.loads(self.process.stdout.readline())
        heard: NDArray[np.float32] = np.load(self._output)
        return heard

    def leave(self) -> str:
        """Let it go; return what it wrote on stderr."""
        _, err = self.process.communicate("", timeout=10)
        assert self.process.returncode == 0, err
        return err


@contextmanager
def recording(
    env: dict[str, str], folder: Path, seconds: float, *arguments: str
) -> Iterator[Recording]:
    """Record; ``arguments`` are the device (``default``) and, maybe, ``again``."""
    output = folder / "heard.npy"
    device, *rest = arguments or ("default",)
    process = subprocess.Popen(
        [sys.executable, str(RECORDER), device, str(seconds), str(output), *rest],
        env={**env, "PYTHONPATH": str(DAEMON)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Recording(process, output)
    finally:
        process.kill()
        process.communicate()


def write_tones(path: Path, rate: int = 48_000) -> None:
    """Write a second each of 1, 2 and 3 kHz, peaks at 0.5, the right one inverted.

    There is a second of silence around it: a null sink has told its monitor of the
    next moments already when a player begins, and what begins there is not heard.
    """
    t = np.arange(rate) / rate
    tones = [0.5 * np.sin(2 * np.pi * hertz * t) for hertz in (1e3, 2e3, 3e3)]
    silence = np.zeros(rate)
    left = np.concatenate((silence, *tones, silence)).astype(np.float32)
    soundfile.write(path, np.stack((left, -left), axis=1), rate)


def sine_fit(
    signal_: NDArray[np.float32], hertz: float, rate: int
) -> tuple[float, float]:
    """Return amplitude of a sine in a signal, and the largest deviation from it.

    A sample too many or too few anywhere would shift the phase after it.
    """
    angle = 2 * np.pi * hertz * np.arange(len(signal_)) / rate
    basis = np.stack((np.sin(angle), np.cos(angle)), axis=1)
    weights, *_ = np.linalg.lstsq(basis, signal_, rcond=None)
    rest = np.abs(signal_ - basis @ weights).max()
    return float(np.hypot(*weights)), float(rest)


def test_what_is_played_arrives_in_order_at_its_level_without_a_gap(
    pulse: Pulse, tmp_path: Path
) -> None:
    write_tones(tmp_path / "tones.wav")
    with recording(pulse.env, tmp_path, 8.0) as recorder:
        pulse.wait_for_listeners(1)
        pulse.play(tmp_path / "tones.wav").wait(timeout=10)
        heard = recorder.finish()

    rate = recorder.told["rate"]
    start = int(np.argmax(np.abs(heard[:, 0]) > 0.05))
    for second, hertz in enumerate((1e3, 2e3, 3e3)):
        first = start + round((second + 0.1) * rate)
        tone = heard[first : first + round(0.8 * rate)]
        amplitude, deviation = sine_fit(tone[:, 0], hertz, rate)
        assert amplitude == pytest.approx(0.5, rel=0.02)
        assert deviation < 0.01
        assert np.allclose(tone[:, 0], -tone[:, 1], atol=1e-3)
    assert recorder.told["lost_s"] == 0.0
    assert recorder.told["overflows"] == 0
    assert recorder.told["errors"] == []


def test_reading_wakes_up_only_a_few_times_a_second(
    pulse: Pulse, tmp_path: Path
) -> None:
    with recording(pulse.env, tmp_path, 6.0) as recorder:
        heard = recorder.finish()

    heard_s = len(heard) / recorder.told["rate"]
    assert heard_s >= 3.0  # a null sink that nobody listened to takes 2 s to speak up
    assert recorder.told["reads"] <= 6.0 * 5


def test_the_device_is_opened_as_it_likes_best(pulse: Pulse, tmp_path: Path) -> None:
    question = (
        "from genre_daemon.sources.devices import list_inputs\n"
        "for it in list_inputs(): print(it.name, it.rate, it.is_default)"
    )
    listed = subprocess.run(
        [sys.executable, "-c", question],
        env={**pulse.env, "PYTHONPATH": str(DAEMON)},
        check=True,
        capture_output=True,
        text=True,
        timeout=20,
    )
    with recording(pulse.env, tmp_path, 3.0) as recorder:
        heard = recorder.finish()

    name, rate, is_default = listed.stdout.split()
    assert (recorder.told["name"], recorder.told["rate"]) == (name, int(rate))
    assert is_default == "True"
    assert heard.shape[1] == 2


def test_no_device_is_told_in_one_sentence(pulse: Pulse, tmp_path: Path) -> None:
    with recording(pulse.env_without_devices, tmp_path, 2.0) as recorder:
        recorder.finish()
        err = recorder.leave()

    ((kind, message),) = recorder.told["errors"]
    assert kind == "NoMicrophone"
    assert message.startswith("no microphone was found: plug one in")
    assert err == ""


def test_a_name_that_no_device_has_is_told_with_those_there_are(
    pulse: Pulse, tmp_path: Path
) -> None:
    with recording(pulse.env, tmp_path, 2.0, "Gramophone") as recorder:
        recorder.finish()

    ((kind, message),) = recorder.told["errors"]
    assert kind == "NoMicrophone"
    assert "'Gramophone'" in message
    assert "'default'" in message


def test_a_killed_sound_server_ends_the_source_quietly_within_three_seconds(
    pulse: Pulse, tmp_path: Path
) -> None:
    with recording(pulse.env, tmp_path, 20.0) as recorder:
        pulse.wait_for_listeners(1)
        time.sleep(1.0)
        killed = time.monotonic()
        pulse.stop()
        recorder.finish()
        told_after_s = time.monotonic() - killed
        err = recorder.leave()

    ((kind, message),) = recorder.told["errors"]
    assert kind == "SourceEnded"
    assert message == "the microphone 'default' has gone: was it unplugged?"
    assert told_after_s < 3.0
    assert err == ""  # no chatter of the sound libraries on a user's terminal


def test_a_frozen_sound_server_ends_the_source_and_holds_up_nobody(
    pulse: Pulse, tmp_path: Path
) -> None:
    with recording(pulse.env, tmp_path, 20.0) as recorder:
        pulse.wait_for_listeners(1)
        time.sleep(2.5)  # until audio flows, see above
        frozen = time.monotonic()
        os.kill(pulse.pid, signal.SIGSTOP)
        recorder.finish()
        told_after_s = time.monotonic() - frozen
        err = recorder.leave()  # while PortAudio still waits for the server

    ((kind, message),) = recorder.told["errors"]
    assert kind == "SourceEnded"
    assert "has delivered nothing for 2 s" in message
    assert told_after_s < 5.0  # 2 s to be sure, 1 s given to closing, and the machine
    assert "is not closed yet" in err


def test_the_same_microphone_hears_again_after_the_server_came_back(
    pulse: Pulse, tmp_path: Path
) -> None:
    write_tones(tmp_path / "tones.wav")
    with recording(pulse.env, tmp_path, 9.0, "default", "again") as recorder:
        pulse.wait_for_listeners(1)
        pulse.stop()
        time.sleep(1.0)
        pulse.start()
        pulse.wait_for_listeners(1)
        pulse.play(tmp_path / "tones.wav")
        heard = recorder.finish()

    kinds = {kind for kind, _ in recorder.told["errors"]}
    assert recorder.told["opened"] == 2, recorder.told
    assert kinds == {"SourceEnded", "NoMicrophone"}
    assert np.abs(heard).max() == pytest.approx(0.5, rel=0.1)


def test_closing_frees_the_device(pulse: Pulse, tmp_path: Path) -> None:
    with recording(pulse.env, tmp_path, 3.0) as recorder:
        pulse.wait_for_listeners(1)
        recorder.finish()
        assert recorder.process.poll() is None

        pulse.wait_for_listeners(0, timeout_s=1.0)
