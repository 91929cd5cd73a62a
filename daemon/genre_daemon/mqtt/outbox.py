"""What goes out over one connection: never waited for, and never without bound.

A message with QoS 1 is sent until the broker has confirmed it, or the connection is
lost. One with QoS 0 is of the moment: where the network takes less than comes, it is
let go.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import paho.mqtt.client as paho

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_QUEUED = 2_000
"""QoS 1 messages under way at most; a state is a few hundred bytes."""
MAX_UNSENT = 20
"""QoS 0 messages that wait for the network at most."""


class Outbox:
    """The sending side of a client.

    Parameters
    ----------
    client : paho.mqtt.client.Client
        Its queue is given its bound.
    """

    def __init__(self, client: paho.Client) -> None:
        self._client = client
        self._unsent: list[paho.MQTTMessageInfo] = []
        client.max_queued_messages_set(MAX_QUEUED)

    def publish(self, topic: str, payload: str, *, qos: int, retain: bool) -> bool:
        """Send a message; return False, sending nothing, where there is no room."""
        if qos == 0 and self._is_congested():
            return False
        info = self._client.publish(topic, payload, qos, retain)
        if qos == 0:
            self._unsent.append(info)
        return info.rc == paho.MQTT_ERR_SUCCESS

    def deliver(
        self, topic: str, payload: str, *, retain: bool
    ) -> Callable[[], bool] | None:
        """Send a message with QoS 1 and keep track of it.

        Returns
        -------
        callable or None
            Tells whether the broker has it by now; None if nothing was sent.
        """
        info = self._client.publish(topic, payload, 1, retain)
        if info.rc != paho.MQTT_ERR_SUCCESS:  # too many are under way
            return None
        return lambda: _has_arrived(info)

    def part(self, topic: str, payload: str, timeout_s: float) -> None:
        """Send a last retained message, and wait a little for it to arrive."""
        info = self._client.publish(topic, payload, 1, True)
        with suppress(RuntimeError, ValueError):  # it was lost just now
            info.wait_for_publish(timeout_s)

    def _is_congested(self) -> bool:
        self._unsent = [info for info in self._unsent if not _has_arrived(info)]
        return len(self._unsent) >= MAX_UNSENT


def _has_arrived(info: paho.MQTTMessageInfo) -> bool:
    try:
        return info.is_published()
    except (RuntimeError, ValueError):  # lost with its connection, or never queued
        return False
