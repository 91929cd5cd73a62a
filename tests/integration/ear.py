"""A subscriber to everything, and a node for it to listen to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from tests.home_assistant.home import wait
from tests.home_assistant.room import Room

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from tests.integration.broker import Broker

ROOT = "genre-listen/living-room"


class Ear:
    """Hears everything on a broker, in order."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, str, bool, int]] = []
        """Topic, payload, whether it was retained, and its quality of service."""
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("#", 1)
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            (
                message.topic,
                message.payload.decode(errors="replace"),
                message.retain,
                message.qos,
            )
        )
        self._client.reconnect_delay_set(1, 1)
        self._port = port

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        wait(self._client.is_connected)
        self.settle()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        """Publish and wait until the broker has it."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(5.0)

    def settle(self, room: Room | None = None) -> None:
        """Wait until all that was said before this call was heard.

        Parameters
        ----------
        room : Room, optional
            Who said it; otherwise this subscriber itself.
        """
        mark = f"mark/{time.monotonic_ns()}"
        wait(self._client.is_connected)
        if room is None:
            self.say(mark, "")
        else:
            room.publisher._connection.publish(mark, "", qos=1)
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
