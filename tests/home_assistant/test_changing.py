"""Nodes that are renamed, migrated and removed, as Home Assistant sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.home_assistant.home import Home, wait
from tests.home_assistant.room import Room
from tests.integration.ear import kept

from genre_daemon.homeassistant.discovery import Style
from genre_daemon.homeassistant.forget import forget
from genre_daemon.mqtt.settings import MqttSettings
from genre_daemon.node.wire import Announcing

if TYPE_CHECKING:
    from tests.integration.broker import Broker

pytestmark = [pytest.mark.service, pytest.mark.slow]

GENRE = "sensor.living_room_music"


def entities(home: Home) -> dict[str, Any]:
    """Return the entities of the one device there is."""
    (device,) = home.do("devices")
    found: dict[str, Any] = device["entities"]
    return found


def test_a_renamed_node_leaves_no_ghost(home: Home, broker: Broker) -> None:
    with Room(
        broker.port, announcing=Announcing(place="/etc/genre-listen/config.toml")
    ) as room:
        room.hear("jazz")
        home.wait_for(GENRE, "jazz")
    home.wait_for(GENRE, "unavailable")
    with Room(
        broker.port, "bar", announcing=Announcing(place="/etc/genre-listen/config.toml")
    ) as room:
        room.hear("disco")
        home.wait_for("sensor.bar_music", "disco")
        home.wait_for(GENRE, None)
        (device,) = home.do("devices")
        assert device["name"] == "Bar music"


def test_two_nodes_do_not_collide(home: Home, room: Room, broker: Broker) -> None:
    with Room(broker.port, "bar", announcing=Announcing(place="/another")) as bar:
        room.hear("jazz")
        bar.hear("metal")
        home.wait_for(GENRE, "jazz")
        home.wait_for("sensor.bar_music", "metal")
        assert len(home.do("devices")) == 2


@pytest.mark.parametrize("order", [list(Style)[:2], list(Style)[1::-1]])
def test_migration_keeps_entities_and_their_ids(
    home: Home, broker: Broker, order: list[Style]
) -> None:
    old, new = order
    # The clean-up that its documentation asks for is itself told as a conflict.
    home.tolerated = ["Received a conflicting MQTT discovery message"]
    with Room(broker.port, announcing=Announcing(style=old)) as room:
        room.hear("jazz")
        home.wait_for(GENRE, "jazz")
        wait(lambda: len(entities(home)) == 13)
        before = entities(home)
    with Room(broker.port, announcing=Announcing(style=new)) as room:
        room.hear("metal")
        home.wait_for(GENRE, "metal")
        gone = f"homeassistant/{'device' if new is Style.SINGLE else 'sensor'}/"
        wait(lambda: not any(topic.startswith(gone) for topic in kept(broker)))
        home.wait_for(GENRE, "metal")
        assert entities(home) == before
        room.hear("disco")
        home.wait_for(GENRE, "disco")


def test_a_forgotten_node_is_gone(home: Home, broker: Broker) -> None:
    with Room(broker.port) as room:
        room.hear("jazz")
        home.wait_for(GENRE, "jazz")
    assert forget(MqttSettings(port=broker.port), "living-room")
    home.wait_for(GENRE, None)
    assert home.do("devices") == []
    assert kept(broker) == {}
