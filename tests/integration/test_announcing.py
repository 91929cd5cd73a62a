"""Announcing a node, and taking it back, over a real Mosquitto."""

from __future__ import annotations

import json
import time

import pytest
from tests.home_assistant.home import wait
from tests.home_assistant.room import Room
from tests.integration.broker import Broker, broker
from tests.integration.ear import ROOT, Ear, ear, kept, room

from genre_daemon.errors import BrokerError, GenreListenError
from genre_daemon.homeassistant.discovery import Style
from genre_daemon.homeassistant.forget import forget
from genre_daemon.homeassistant.identity import Identity
from genre_daemon.homeassistant.leftovers import announced_id
from genre_daemon.mqtt.settings import MqttSettings
from genre_daemon.node.wire import Announcing

__all__ = ["broker", "ear", "room"]

pytestmark = pytest.mark.service


def test_home_assistants_birth_is_answered_soon_but_not_at_once(
    ear: Ear, room: Room
) -> None:
    topic = f"homeassistant/device/{Identity.of(room.root.split('/')[1]).id}/config"

    def announced() -> int:
        return sum(where == topic for where, *_ in ear.heard)

    wait(lambda: announced() == 1)
    wait(lambda: ear.payloads("about"))
    ear.publish("homeassistant/status", "offline")
    began = time.monotonic()
    ear.publish("homeassistant/status", "online")
    ear.publish("homeassistant/status", "online")  # twice is answered once
    wait(lambda: announced() == 2)
    assert time.monotonic() - began > 0.3


def test_a_node_of_another_machine_with_our_name_is_pointed_out(
    broker: Broker, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    other = Identity.of("living-room", machine="another")
    about = {"id": other.id, "installation": other.installation, "discovery": []}
    ear.publish(f"{ROOT}/about", json.dumps(about), retain=True)
    ear.publish(f"{ROOT}/availability", "online", retain=True)
    with Room(broker.port):
        wait(lambda: "another machine is 'living-room'" in caplog.text)


def test_the_will_of_the_former_name_may_come_late(broker: Broker, ear: Ear) -> None:
    old = Room(broker.port, "attic", announcing=Announcing(place="here"))
    with old:
        wait(lambda: "genre-listen/attic/about" in kept(broker))
        # The power fails: the broker believes for a while that it is still there.
        ear.publish("genre-listen/attic/availability", "online", retain=True)
        with Room(broker.port, announcing=Announcing(place="here")):
            wait(lambda: ear.payloads("about"))
            assert "genre-listen/attic/about" in kept(broker)
            old.stop()
            wait(lambda: not any("attic" in topic for topic in kept(broker)))


def test_forget_clears_one_node_and_no_other(broker: Broker, ear: Ear) -> None:
    with (
        Room(broker.port, "attic", announcing=Announcing(style=Style.SINGLE)),
        Room(broker.port, "attic-2"),
    ):
        wait(lambda: len(kept(broker)) >= 13 + 1 + 2 * 5)
    ear.publish("genre-listen/attic/set/listening", "off", retain=True)
    before = kept(broker)
    cleared = forget(MqttSettings(port=broker.port), "attic")
    after = kept(broker)
    assert set(cleared) == set(before) - set(after)
    assert all("attic-2" in topic for topic in after)
    assert sum(announced_id(topic) is not None for topic in cleared) == 13
    assert "genre-listen/attic/set/listening" in cleared
    assert forget(MqttSettings(port=broker.port), "attic") == []


def test_forget_refuses_a_node_that_would_come_back(broker: Broker, room: Room) -> None:
    with pytest.raises(GenreListenError, match="'living-room' is running"):
        forget(MqttSettings(port=broker.port), room.root.split("/")[1])


def test_forget_needs_a_broker() -> None:
    with pytest.raises(BrokerError, match=r"no broker at 127.0.0.1:1: .*refused"):
        forget(MqttSettings(port=1), "attic")
