"""A plain subscriber, as the home would have one."""

from __future__ import annotations

import json
import queue
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import paho.mqtt.client as paho

Message = tuple[str, str, bool]
"""Topic, payload, and whether the broker had kept it."""


class Subscriber(Client):
    """Everything below a topic, in order."""

    def __init__(
        self, port: int, topic: str = "genre-listen/#", *, socket: Path | None = None
    ) -> None:
        super().__init__(port, topic, socket=socket)
        self._queue: queue.Queue[Message] = queue.Queue()
        self.seen: list[Message] = []
        """What :meth:`wait` has looked at so far."""

    def receive(self, message: paho.MQTTMessage) -> None:
        """Keep a message for whoever waits for it."""
        text = message.payload.decode(errors="replace")
        self._queue.put((message.topic, text, message.retain))

    def wait(
        self, accept: Callable[[Message], bool], timeout_s: float = 60.0
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

    def on(self, topic: str, timeout_s: float = 60.0) -> str:
        """Return the next payload on a topic that ends so; an empty one is none."""
        return self.wait(
            lambda message: message[0].endswith(topic) and message[1] != "", timeout_s
        )[1]

    def json_on(self, topic: str, timeout_s: float = 60.0) -> dict[str, Any]:
        """Return the next JSON object on a topic that ends so."""
        value: dict[str, Any] = json.loads(self.on(topic, timeout_s))
        return value


subscriber = Subscriber
"""The name under which tests say ``with subscriber(port) as home``."""
