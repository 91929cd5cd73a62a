"""A broker that is away, dies, freezes or lets nobody in: what a node does meanwhile.

The node is the real publisher, the broker a real Mosquitto, its faults real signals.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.home_assistant.home import wait
from tests.home_assistant.room import LABELS, Room
from tests.integration.broker import Broker, broker
from tests.integration.ear import ROOT, Ear, ear, kept

from genre_daemon.homeassistant.identity import Identity
from genre_daemon.mqtt import connection
from genre_daemon.mqtt.outbox import MAX_QUEUED, MAX_UNSENT
from genre_daemon.mqtt.settings import MqttSettings
from genre_daemon.node import changes
from genre_daemon.node.journal import LIMIT
from genre_daemon.node.report import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["broker", "ear"]

pytestmark = pytest.mark.service

OUTAGE_S = 600
BEGAN_S = 1e9
PASSWORD = "hunter2"  # noqa: S105 - the test's own


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice faults and go on after them in seconds instead of half minutes."""
    monkeypatch.setattr(connection, "_KEEPALIVE_S", 1)
    monkeypatch.setattr(connection, "_ANSWER_TIMEOUT_S", 1.0)
    monkeypatch.setattr(connection, "_LONGEST_WAIT_S", 2.0)
    monkeypatch.setattr(changes, "_REPLAY_S", 1.5)


def told(ear: Ear) -> list[dict[str, Any]]:
    """Return the changes that came on ``…/history``."""
    return [json.loads(text) for text in ear.payloads("history")]


def kill(broker: Broker) -> Callable[[], None]:
    """Have the broker die; return what brings it back."""
    broker.kill()
    return broker.start


def freeze(broker: Broker) -> Callable[[], None]:
    """Have the broker hang; return what brings it back."""
    broker.freeze()
    return broker.thaw


@pytest.mark.parametrize("fault", [kill, freeze])
@pytest.mark.parametrize("legacy", [False, True], ids=["MQTT 5", "MQTT 3.1.1"])
def test_every_change_of_ten_minutes_is_told_once_in_order_with_its_own_time(
    broker: Broker,
    ear: Ear,
    fault: Callable[[Broker], Callable[[], None]],
    legacy: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    now = [BEGAN_S]
    settings = MqttSettings(port=broker.port, legacy=legacy)
    with Room(settings, clock=lambda: now[0], predictions=True) as room:
        ear.wait_for("availability", "online")
        room.hear("jazz")
        ear.settle(room)
        end = fault(broker)
        for second in range(OUTAGE_S):  # the fastest that verdicts can change
            now[0] += 1.0
            room.hear(LABELS[second % 2])
            if second == OUTAGE_S // 2:
                wait(lambda: not room.connection.connected)
        assert room.publisher._report._sequence == 1 + OUTAGE_S
        end()
        wait(lambda: len(ear.payloads("history")) >= OUTAGE_S)
        wait(lambda: not room.publisher._changes.waiting)
        ear.settle(room)
        state = json.loads(ear.payloads("state")[-1])
    told_changes = told(ear)
    assert [change["time"] for change in told_changes] == [
        timestamp(BEGAN_S + second) for second in range(1, OUTAGE_S + 1)
    ]
    assert [change["to"] for change in told_changes[:2]] == list(LABELS[:2])
    assert (state["genre"], state["sequence"]) == (LABELS[1], 1 + OUTAGE_S)


def test_memory_is_bounded_while_the_broker_hangs(
    broker: Broker,
    ear: Ear,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "_KEEPALIVE_S", 60)
    with Room(broker.port) as room:
        ear.wait_for("availability", "online")
        room.hear("jazz")
        ear.settle(room)
        broker.freeze()
        for second in range(LIMIT + 100):
            room.hear(LABELS[second % 2])
        line = room.connection
        assert len(line._client._out_messages) == MAX_QUEUED
        assert len(room.publisher._changes.waiting) == LIMIT
        # Until the operating system takes no more; then messages are let go.
        wait(lambda: not line.publish("x", "x" * 1_000_000))
        assert len(line._outbox._unsent) == MAX_UNSENT
        broker.kill()
        broker.start()
        wait(lambda: len(ear.payloads("history")) >= LIMIT)
    assert "changes without a broker were too many to keep" in caplog.text


def test_a_short_freeze_delays_and_loses_nothing(
    broker: Broker, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_KEEPALIVE_S", 30)
    with Room(broker.port) as room:
        ear.wait_for("availability", "online")
        room.hear("jazz")
        ear.settle(room)
        broker.freeze()
        for genre in ("disco", "metal", "jazz"):
            room.hear(genre)
        broker.thaw()
        ear.settle(room)
        wait(lambda: not room.publisher._changes.waiting)
        wait(room.publisher._changes._replaying.finished.is_set)
        ear.settle(room)
    events = [json.loads(text)["to"] for text in ear.payloads("event")]
    assert events == ["disco", "metal", "jazz"]
    assert told(ear) == []


_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.home_assistant.home import wait
from tests.home_assistant.room import Room

missed = Path(sys.argv[2])
room = Room(int(sys.argv[1]), missed=missed)
room.start()
for genre in ("jazz", "disco", "jazz", "metal"):
    room.hear(genre)
wait(lambda: missed.exists() and len(missed.read_text().splitlines()) == 3)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_changes_outlast_a_killed_daemon(
    broker: Broker, ear: Ear, tmp_path: Path
) -> None:
    missed = tmp_path / "state" / "room.missed"
    broker.stop()
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(broker.port), str(missed)],
        check=False,
        timeout=60,
    )
    assert done.returncode == -9
    assert len(missed.read_text().splitlines()) == 3
    broker.start()
    ear.wait_until_ready()
    with Room(broker.port, missed=missed) as room:
        wait(lambda: len(ear.payloads("history")) == 3)
        wait(lambda: not room.publisher._changes.waiting)
        room.hear("jazz")
        wait(lambda: not missed.exists())
    assert [change["to"] for change in told(ear)] == ["disco", "jazz", "metal"]
    with Room(broker.port, missed=missed) as room:
        wait(room.publisher._changes._replaying.finished.is_set)
        ear.settle(room)
    assert len(told(ear)) == 3


def test_a_password_that_is_refused_is_named_and_tried_again(
    broker: Broker, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    users = tmp_path / "users"
    users.touch(mode=0o600)
    broker.configure(f"password_file {users}")
    broker.restart()
    settings = MqttSettings(port=broker.port, username="pi", password=PASSWORD)
    room = Room(settings)
    room.start()
    wait(lambda: "refuses" in caplog.text)
    room.hear("jazz")
    subprocess.run(["mosquitto_passwd", "-b", users, "pi", PASSWORD], check=True)
    broker.restart()
    assert room.connection.wait(30.0)
    room.stop()
    assert (
        f"no broker at 127.0.0.1:{broker.port}: it refuses user 'pi': Not authorized; "
        "check mqtt.username and mqtt.password_file"
    ) in caplog.messages
    assert PASSWORD not in caplog.text


def test_what_a_dead_node_of_the_same_name_left_is_taken_over(
    broker: Broker, ear: Ear
) -> None:
    other = Identity.of("living-room", machine="another")
    config = f"homeassistant/device/{other.id}/config"
    left = {
        config: "{}",
        f"{ROOT}/about": json.dumps(
            {
                "id": other.id,
                "installation": other.installation,
                "discovery": [config],
            }
        ),
        f"{ROOT}/availability": "offline",
        f"{ROOT}/state": '{"genre": "disco"}',
        f"{ROOT}/genre": "disco",
        f"{ROOT}/listening": "off",
        f"{ROOT}/microphone": "problem: unplugged",
        f"{ROOT}/threshold": "0.99",
    }
    for topic, payload in left.items():
        ear.publish(topic, payload, retain=True)
    with Room(broker.port):
        wait(lambda: config not in kept(broker))
        now = kept(broker)
    assert (now[f"{ROOT}/availability"], now[f"{ROOT}/listening"]) == ("online", "on")
    assert (now[f"{ROOT}/microphone"], now[f"{ROOT}/threshold"]) == ("ok", "0.4")
    assert not now.keys() & {f"{ROOT}/state", f"{ROOT}/genre"}
