"""A plain subscriber, as the home would have one."""

from __future__ import annotations

import json
import queue
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Message = tuple[str, str, bool]
"""Topic, payload, and whether the broker had kept it."""


class Subscriber:
    """Everything below a topic, in order."""

    def __init__(self, port: int, topic: str = "genre-listen/#") -> None:
        self._queue: queue.Queue[Message] = queue.Queue()
        self.seen: list[Message] = []
        """What :meth:`wait` has looked at so far."""
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe(topic, 1)
        self._client.on_message = lambda _client, _data, message: self._queue.put(
            (message.topic, bytes(message.payload).decode(), message.retain)
        )
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: str) -> None:
        """Say something, as a home does with commands."""
        self._client.publish(topic, payload, 1).wait_for_publish(5)

    def wait(
        self, accept: Callable[[Message], bool], timeout_s: float = 20.0
    ) -> Message:
        """Return the next message that is accepted; fail if none comes in time."""
        until = time.monotonic() + timeout_s
        while True:
            try:
                message = self._queue.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"nothing acceptable among {self.seen[-20:]}")
            self.seen.append(message)
            if accept(message):
                return message

    def on(self, topic: str, timeout_s: float = 20.0) -> str:
        """Return the next payload on a topic that ends so; an empty one is none."""
        return self.wait(
            lambda message: message[0].endswith(topic) and message[1] != "", timeout_s
        )[1]

    def json_on(self, topic: str, timeout_s: float = 20.0) -> dict[str, Any]:
        """Return the next JSON object on a topic that ends so."""
        value: dict[str, Any] = json.loads(self.on(topic, timeout_s))
        return value


@contextmanager
def subscriber(port: int) -> Iterator[Subscriber]:
    """A subscriber that is closed again."""
    made = Subscriber(port)
    try:
        yield made
    finally:
        made.close()
