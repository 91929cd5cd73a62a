"""genre-daemon run as a process of its own: a real broker, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.broker import Broker, broker
from tests.integration.daemons import daemon
from tests.integration.subscriber import Subscriber, subscriber

from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.messages import STATES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["broker"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

WORDS = {*read_bundle(SHIPPED).info.labels, *STATES}


def flags(broker: Broker) -> tuple[str, ...]:
    """Flags of a daemon that plays its demo to a broker."""
    address = ("--host", "127.0.0.1", "--port", str(broker.port))
    return (*address, "--device", "demo", "--name", "room")


def test_state_and_genre_are_retained_and_sigterm_says_offline(broker: Broker) -> None:
    with daemon(*flags(broker)) as process:
        with subscriber(broker.port) as early:
            state = early.json_on("room/state")
            assert early.on("room/genre") == state["genre"]
        with subscriber(broker.port) as late:
            missing = {"availability", "microphone", "genre", "state"}
            while missing:
                topic, _, _ = late.wait(lambda message: message[2])
                missing.discard(topic.removeprefix("genre-listen/room/"))
            begin = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert late.on("room/availability", 5) == "offline"
            assert process.wait(5) == 0
            assert time.monotonic() - begin < 2.0
    assert state["genre"] in WORDS
    assert 0 <= state["confidence"] <= 1
    assert sum(state["probabilities"].values()) == pytest.approx(1.0, abs=0.01)
    assert state["music"] is (state["genre"] not in {"silence", "no_music"})
    assert datetime.fromisoformat(state["since"]) <= datetime.fromisoformat(
        state["time"]
    )


def test_sigkill_leaves_the_last_will(broker: Broker) -> None:
    with subscriber(broker.port) as home, daemon(*flags(broker)) as process:
        assert home.on("room/availability") == "online"
        process.kill()
        assert home.on("room/availability") == "offline"


def test_verdicts_come_every_second_and_do_not_drift(broker: Broker) -> None:
    with (
        subscriber(broker.port) as home,
        daemon(*flags(broker), environ={"GENRE_LISTEN_MQTT_PREDICTIONS": "true"}),
    ):
        heard = [home.json_on("room/prediction") for _ in range(12)]
    assert [p["sequence"] for p in heard] == list(range(1, 13))
    times = [datetime.fromisoformat(p["time"]).timestamp() for p in heard]
    # Each within one wake-up of its second: late sometimes, but never adding up.
    late = [t - times[0] - i for i, t in enumerate(times)]
    assert max(late) - min(late) < 0.6
    assert abs(late[-1]) < 0.35


def test_a_watcher_is_told_every_hop(broker: Broker) -> None:
    with subscriber(broker.port) as home, daemon(*flags(broker)):
        first = home.json_on("room/state")["sequence"]
        home.publish("genre-listen/room/set/watch", "60")
        following = [home.json_on("room/state")["sequence"] for _ in range(4)]
        assert following[-1] - following[0] == 3
        assert following[0] > first
        telemetry = home.json_on("room/telemetry")
    assert {"level_dbfs", "inference_ms", "dropped_hops", "overflows"} <= set(telemetry)
    assert telemetry["dropped_hops"] == 0


def recall(home: Subscriber) -> dict[str, Any]:
    """Ask for the past and return the answer."""
    home.publish("genre-listen/room/get/history", '{"id": "now", "limit": 5}')
    return home.json_on("room/history/answer")


def test_the_past_is_told_over_mqtt_and_on_the_machine(
    broker: Broker, tmp_path: Path
) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path)}
    with (
        subscriber(broker.port) as home,
        daemon(*flags(broker), environ=state) as process,
    ):
        genre = home.on("room/genre")
        answer = recall(home)
        while not answer["segments"]:  # one takes two verdicts
            home.on("room/telemetry")
            answer = recall(home)
        process.terminate()
        assert process.wait(30) == 0
    assert answer["id"] == "now"
    assert [segment["genre"] for segment in answer["segments"]] == [genre]
    program = "from genre_daemon.listen import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "history", "--node", "room", "--csv"],
        env={**os.environ, **state},
        capture_output=True,
        text=True,
        check=True,
    )
    assert genre in done.stdout.splitlines()[1]


def test_broker_that_restarts_is_told_again(broker: Broker) -> None:
    with daemon(*flags(broker)):
        with subscriber(broker.port) as home:
            genre = home.on("room/genre")
        broker.restart()
        with subscriber(broker.port) as home:
            home.wait(lambda message: message[1] == genre and not message[2])
            home.wait(lambda message: message[1] == "online" and not message[2])


def test_embedded_broker_serves_where_none_is_configured(tmp_path: Path) -> None:
    arguments = ("--device", "demo", "--name", "room")
    with daemon(*arguments, environ={"HOME": str(tmp_path)}) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "embedded" in line)
        with subscriber(int(line.rpartition(":")[2])) as home:
            assert home.on("room/genre") in WORDS
        process.terminate()
        assert process.wait(20) == 0


def test_it_stops_when_its_time_is_over(broker: Broker) -> None:
    with daemon(*flags(broker), "--duration", "0.5") as process:
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("arguments", "environ", "code", "sentence"),
    [
        (("--config", "none.toml"), {}, 2, "cannot read none.toml: No such file"),
        (("--port", "0"), {}, 2, "mqtt.port must be a port, 1 to 65535, got 0"),
        ((), {"GENRE_LISTEN_NODE_NAME": "a b"}, 2, "node.name must be 1 to 64"),
        (("--bundle", "none.tflite"), {}, 3, "cannot read the bundle none.tflite"),
        (("--bundle", "pyproject.toml"), {}, 3, "is not a TensorFlow Lite model"),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(
    arguments: tuple[str, ...], environ: dict[str, str], code: int, sentence: str
) -> None:
    with daemon(*arguments, environ=environ) as process:
        out, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert out == ""
    assert err.startswith("genre-daemon: ")
    assert sentence in err
    assert len(err.splitlines()) == 1
