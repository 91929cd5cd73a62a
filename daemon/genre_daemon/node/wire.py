"""EDGE: the one connection of a daemon, which its nodes share.

What they say goes out over it, what is asked of each is passed on to it, and Home
Assistant is told of all of them together. A connection has one last will: a daemon of
one node leaves that node's, one of several says that it is gone itself.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genre_daemon.homeassistant.announcer import Announcer
from genre_daemon.homeassistant.discovery import Discovery, Style
from genre_daemon.homeassistant.identity import Identity
from genre_daemon.mqtt.connection import Connection, Will
from genre_daemon.node.topics import daemon_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genre_daemon.mqtt.settings import MqttSettings
    from genre_daemon.node.publisher import Publisher

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Announcing:
    """How nodes are announced to Home Assistant."""

    style: Style = Style.DEVICE
    prefix: str = "homeassistant"
    """The discovery prefix."""
    place: str = ""
    """What stays when a node is renamed: the path of the configuration."""


class Wire:
    """A connection for one node or several.

    Parameters
    ----------
    settings : MqttSettings
    daemon : str
        Name of the daemon; told only where it has several nodes.
    base_topic : str
        First levels of every topic.
    announcing : Announcing, optional

    Raises
    ------
    ConfigError
        On :meth:`start`, if a certificate or key cannot be used.
    """

    def __init__(
        self,
        settings: MqttSettings,
        *,
        daemon: str,
        base_topic: str,
        announcing: Announcing | None = None,
    ) -> None:
        self.base_topic = base_topic
        """First levels of every topic."""
        self._settings = settings
        self._daemon = daemon
        self._announcing = announcing or Announcing()
        self._nodes: dict[str, Publisher] = {}
        self._presence = ""  # where a daemon of several nodes says that it is there
        self._connection: Connection | None = None
        self._trouble = ""

    def publish(
        self, topic: str, payload: str, *, qos: int = 0, retain: bool = False
    ) -> bool:
        """Send a message; return False, sending nothing, where no broker takes it."""
        line = self._connection
        return line is not None and line.publish(topic, payload, qos=qos, retain=retain)

    def deliver(self, topic: str, payload: str) -> Callable[[], bool] | None:
        """Send with QoS 1; return what tells whether it has arrived, None if unsent."""
        line = self._connection
        return None if line is None else line.deliver(topic, payload)

    def start(self, nodes: Sequence[Publisher]) -> None:
        """Connect in the background, and speak for these nodes."""
        self._nodes = {node.node: node for node in nodes}
        name, presence = nodes[0].node, f"{nodes[0].root}/availability"
        if len(nodes) > 1:
            name = self._daemon
            presence = self._presence = daemon_topic(self.base_topic, name)
        self._announcer = Announcer(self._discoveries(), self.base_topic, self._retain)
        subscriptions = self._announcer.subscriptions
        for node in nodes:
            subscriptions += node.subscriptions
            node.start()
        self._connection = Connection(
            self._settings,
            # Not the name alone: two machines of one name would fight for it.
            client_id=Identity.of(name).id,
            on_message=self._handle_message,
            on_state=self._handle_state,
            subscriptions=subscriptions,
            will=Will(presence, "offline"),
        )
        self._connection.start()

    def stop(self) -> None:
        """Say ``offline``, take back what was heard, and disconnect."""
        if self._connection is None:
            return
        self._announcer.stop()
        words = [word for node in self._nodes.values() for word in node.farewell()]
        if self._presence:
            words.append(Will(self._presence, "offline"))
        for word in words[:-1]:
            self._retain(word.topic, word.payload)
        self._connection.stop(words[-1])
        for node in self._nodes.values():
            node.stop()

    def _discoveries(self) -> list[Discovery]:
        announcing = self._announcing
        return [
            Discovery(
                Identity.of(node.node, announcing.place),
                node.root,
                node.labels,
                announcing.prefix,
                announcing.style,
                daemon=self._daemon if self._presence else "",
            )
            for node in self._nodes.values()
        ]

    def _retain(self, topic: str, payload: str) -> None:
        self.publish(topic, payload, qos=1, retain=True)

    def _handle_state(self, connected: bool, reason: str) -> None:  # noqa: FBT001
        if not connected:
            for node in self._nodes.values():
                node.disconnected()
            if reason != self._trouble:  # one line a change, however long it lasts
                _log.warning("no broker at %s: %s", self._settings.address, reason)
            self._trouble = reason
            return
        self._trouble = ""
        _log.info("connected to %s (%s)", self._settings.address, reason)
        for node in self._nodes.values():
            node.connected()
        if self._presence:
            self._retain(self._presence, "online")
        self._announcer.connected()

    def _handle_message(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001
        name = topic.removeprefix(f"{self.base_topic}/").partition("/")[0]
        node = self._nodes.get(name)
        if node is None or not node.receive(topic, payload, retained=retained):
            self._announcer.receive(topic, payload, retained=retained)
