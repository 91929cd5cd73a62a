"""The whole line with nothing faked.

Real music is played into a real PulseAudio; PortAudio captures it through ALSA's
pulse plugin; a real Mosquitto carries what the daemon says to a subscriber.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from tests.integration.broker import Broker, broker
from tests.integration.daemons import daemon
from tests.integration.pulse import Pulse, pulse
from tests.integration.subscriber import Subscriber, subscriber

from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.pipeline import Pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["broker", "pulse"]

pytestmark = [pytest.mark.service, pytest.mark.slow]


def listen(pulse: Pulse, broker: Broker, path: Path, hops: int) -> list[dict[str, Any]]:
    """Play a recording into the room and return that many predictions."""
    flags = ("--host", "127.0.0.1", "--port", str(broker.port), "--name", "room")
    environ = {**pulse.env, "GENRE_LISTEN_MQTT_PREDICTIONS": "true"}
    with subscriber(broker.port) as home, daemon(*flags, environ=environ) as process:
        pulse.wait_for_listeners(1)
        pulse.play(path)
        heard = [home.json_on("room/prediction") for _ in range(hops)]
        _assert_retained(broker)
        process.kill()
        assert home.on("room/availability") == "offline"
    return heard


def _assert_retained(broker: Broker) -> None:
    with subscriber(broker.port) as late:
        kept = _retained(late, "room/state")
        genre = _retained(late, "room/genre")
    assert json.loads(kept)["genre"] == genre


def _retained(home: Subscriber, topic: str) -> str:
    return home.wait(lambda message: message[0].endswith(topic) and message[2])[1]


def _file_predictions(path: Path, start_s: float) -> NDArray[np.float32]:
    """Return what ``genre-daemon file`` computes, begun a little into a recording."""
    y, rate = soundfile.read(path, dtype="float32")
    pipeline = Pipeline(read_bundle(SHIPPED), rate)
    verdicts = [
        verdict
        for second in np.array_split(y[round(start_s * rate) :], len(y) // rate)
        for verdict in pipeline.push(second)
    ]
    return np.array([verdict.prediction.probabilities for verdict in verdicts])


def _check(pulse: Pulse, broker: Broker, path: Path, hops: int) -> None:
    heard = listen(pulse, broker, path, hops)
    assert [p["sequence"] for p in heard] == list(range(1, hops + 1))
    live = np.array([list(p["probabilities"].values()) for p in heard])
    # The room's seconds and the recording's do not begin together: find the offset,
    # whole hops of quiet before the music and a part of one.
    best = np.ones(1)
    for start_s in np.arange(0.0, 1.0, 0.05):
        file = _file_predictions(path, start_s)
        for quiet in range(9):
            both = min(len(file), hops - quiet)
            difference = np.abs(live[quiet : quiet + both] - file[:both])
            # Total variation distance, 0 to 1, of each pair of predictions.
            distance = difference.sum(axis=1) / 2
            if distance.mean() < best.mean():
                best = distance
    assert len(best) >= hops - 9
    assert np.median(best) < 0.05
    assert best.max() < 0.2


def test_synthesised_music_sounds_live_as_it_does_in_a_file(
    pulse: Pulse, broker: Broker, tmp_path: Path
) -> None:
    from genre_daemon.sources.styles import render  # noqa: PLC0415 - only here

    path = tmp_path / "music.wav"
    soundfile.write(path, render(0), 22_050, "FLOAT")
    _check(pulse, broker, path, hops=14)


def test_listening_off_closes_the_device_and_outlasts_a_restart(
    pulse: Pulse, broker: Broker, tmp_path: Path
) -> None:
    flags = ("--host", "127.0.0.1", "--port", str(broker.port), "--name", "room")
    environ = {**pulse.env, "XDG_STATE_HOME": str(tmp_path)}
    with subscriber(broker.port) as home:
        with daemon(*flags, environ=environ) as process:
            pulse.wait_for_listeners(1)
            assert home.on("room/microphone") == "ok"
            home.publish("genre-listen/room/set/listening", "off")
            assert home.on("room/listening") == "off"
            pulse.wait_for_listeners(0)
            process.terminate()
            assert process.wait(5) == 0
        with daemon(*flags, environ=environ):
            home.wait(lambda message: message[1] == "online")
            home.publish("genre-listen/room/set/threshold", "0.75")
            assert home.on("room/threshold") == "0.75"
            pulse.wait_for_listeners(0)
            home.publish("genre-listen/room/set/listening", "on")
            pulse.wait_for_listeners(1)


@pytest.mark.data
@pytest.mark.parametrize("name", ["hungarian_dance.ogg", "lets_go_fishin.ogg"])
def test_real_music_sounds_live_as_it_does_in_a_file(
    pulse: Pulse, broker: Broker, data_dir: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "music.wav"
    with soundfile.SoundFile(data_dir / "demo" / name) as music:
        rate = music.samplerate
        soundfile.write(path, music.read(24 * rate), rate)
    _check(pulse, broker, path, hops=18)
