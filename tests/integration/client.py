"""The one MQTT client of the tests: once it is open, it hears what it says.

paho calls itself connected before it has sent SUBSCRIBE, so that a message published
at that moment would be missed. Ready is therefore only who has the broker's SUBACK of
this very connection.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from tests.home_assistant.home import wait

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

_CONFIRM_S = 30.0
_RETRY_S = 0.1  # who listens for a test is back before who is tested


class Client:
    """A context manager that is subscribed inside, and again after every loss.

    Parameters
    ----------
    port : int
    topics : str
        Filters to subscribe to with QoS 1.
    will : str, optional
        Topic on which the broker says ``offline``, retained, when this client dies.
    socket : Path, optional
        The broker's local socket, to be used instead of the port.
    """

    def __init__(
        self,
        port: int,
        *topics: str,
        will: str | None = None,
        socket: Path | None = None,
    ) -> None:
        self._address = str(socket or "127.0.0.1"), port
        self._topics = topics
        self._subscribed = threading.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, transport="unix" if socket else "tcp"
        )
        if will is not None:
            self._client.will_set(will, "offline", 1, True)
        self._client.reconnect_delay_set(_RETRY_S, _RETRY_S)  # type: ignore[arg-type] # fractions are waited for too
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(topic, 1) for topic in topics]
        )
        self._client.on_subscribe = self._handle_subscribe
        self._client.on_disconnect = lambda *_: self._subscribed.clear()
        self._client.on_message = lambda _client, _data, message: self.receive(message)

    def __enter__(self) -> Self:
        self._client.connect(*self._address)
        self._client.loop_start()
        self.wait_until_ready()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def receive(self, message: paho.MQTTMessage) -> None:
        """Take a message; called on the client's thread."""

    def wait_until_ready(self) -> None:
        """Wait until the broker has confirmed the subscriptions."""
        wait(self._subscribed.is_set, lambda: f"not subscribed to {self._topics}")

    def publish(
        self, topic: str, payload: str | bytes, *, retain: bool = False
    ) -> None:
        """Publish, and wait until the broker has it, or has come back to have it."""
        self.wait_until_ready()
        info = self._client.publish(topic, payload, 1, retain)
        info.wait_for_publish(_CONFIRM_S)
        assert info.is_published(), f"{topic} was not confirmed"

    def _handle_subscribe(
        self,
        _client: paho.Client,
        _data: object,
        _mid: int,
        codes: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if not any(code.is_failure for code in codes):
            self._subscribed.set()
