"""A subscriber to everything, and a node for it to listen to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

import pytest
from tests.home_assistant.home import wait
from tests.home_assistant.room import Room
from tests.integration.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    import paho.mqtt.client as paho
    from tests.integration.broker import Broker

ROOT = "genre-listen/living-room"


class Ear(Client):
    """Hears everything on a broker, in order."""

    def __init__(self, port: int) -> None:
        super().__init__(port, "#")
        self.heard: list[tuple[str, str, bool, int]] = []
        """Topic, payload, whether it was retained, and its quality of service."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.settle()
        return self

    def receive(self, message: paho.MQTTMessage) -> None:
        """Write a message down."""
        text = message.payload.decode(errors="replace")
        self.heard.append((message.topic, text, message.retain, message.qos))

    def settle(self, room: Room | None = None) -> None:
        """Wait until all that was said before this call was heard.

        Parameters
        ----------
        room : Room, optional
            Who said it; otherwise this subscriber itself.
        """
        mark = f"mark/{time.monotonic_ns()}"
        self.wait_until_ready()
        if room is None:
            self.publish(mark, "")
        else:
            wait(lambda: room.connection.publish(mark, "", qos=1))
        wait(lambda: any(topic == mark for topic, *_ in self.heard))

    def payloads(self, kind: str) -> list[str]:
        """Return what was said on one topic of the node, in order."""
        topic = f"{ROOT}/{kind}"
        return [payload for where, payload, *_ in self.heard if where == topic]

    def wait_for(self, kind: str, payload: str) -> None:
        """Wait until the newest word on a topic of the node is this one."""
        wait(
            lambda: self.payloads(kind)[-1:] == [payload],
            lambda: f"{kind}: {self.payloads(kind)}",
        )


@pytest.fixture
def ear(broker: Broker) -> Iterator[Ear]:
    """A subscriber to everything."""
    with Ear(broker.port) as ear:
        yield ear


@pytest.fixture
def room(broker: Broker, ear: Ear) -> Iterator[Room]:
    """A node that somebody hears from the start."""
    assert ear.heard
    with Room(broker.port) as room:
        ear.wait_for("availability", "online")
        yield room


def kept(broker: Broker) -> dict[str, str]:
    """Return what a newcomer is told."""
    with Ear(broker.port) as newcomer:
        return {
            topic: payload for topic, payload, retained, _ in newcomer.heard if retained
        }
