"""EDGE: takes a node off the broker, and with it off Home Assistant.

For a node that was sold, broke, or got another name while nobody was looking. Its
machine need not exist any more.
"""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING

from genre_daemon.errors import BrokerError, GenreListenError
from genre_daemon.homeassistant.identity import ID
from genre_daemon.homeassistant.leftovers import About, announced_id
from genre_daemon.mqtt.connection import Connection
from genre_daemon.node.topics import daemon_topic

if TYPE_CHECKING:
    from collections.abc import Callable

    from genre_daemon.mqtt.settings import MqttSettings

_CONNECT_S = 5.0
_QUIET_S = 1.0  # a broker sends what it has kept in one go
_CONFIRM_S = 5.0
_MOST = 10_000


def forget(
    settings: MqttSettings,
    node: str,
    *,
    base_topic: str = "genre-listen",
    prefix: str = "homeassistant",
) -> list[str]:
    """Clear every retained topic of a node, and its discovery.

    Parameters
    ----------
    settings : MqttSettings
    node, base_topic : str
    prefix : str
        Home Assistant's discovery prefix.

    Returns
    -------
    list of str
        The topics that were cleared; none if the broker knows no such node.

    Raises
    ------
    BrokerError
        If the broker cannot be reached, or does not confirm.
    GenreListenError
        If the node is running: it would announce itself again.
    """
    root = f"{base_topic}/{node}"
    kept = _Kept()
    connection = Connection(
        settings,
        client_id=f"gl-forget-{secrets.token_hex(5)}",
        on_message=kept.take,
        on_state=kept.hear_of,
        subscriptions=[
            f"{root}/#",
            daemon_topic(base_topic, "+"),
            f"{prefix}/device/+/config",
            f"{prefix}/+/+/+/config",
        ],
    )
    connection.start()
    try:
        if not connection.wait(_CONNECT_S):
            raise BrokerError(
                f"no broker at {settings.address}: {kept.reason or 'no answer'}"
            )
        # What was kept comes after the broker has confirmed, however slow it is.
        if not connection.wait_for_subscriptions(_CONFIRM_S):
            raise BrokerError(f"the broker at {settings.address} does not answer")
        messages = kept.wait()
        if _is_running(messages, root, base_topic):
            raise GenreListenError(
                f"node {node!r} is running and would come back: stop it first "
                "(sudo systemctl stop genre-listen), or set mqtt.discovery to 'off'"
            )
        own = daemon_topic(base_topic, node)  # it may have been a whole daemon's name
        topics = sorted(
            topic for topic in messages if topic == own or _belongs(topic, root, node)
        )
        # Discovery first: its device is gone before its topics fall silent.
        topics.sort(key=lambda topic: topic.startswith(f"{root}/"))
        _clear(connection, topics, settings.address)
    finally:
        connection.stop()
    return topics


class _Kept:
    """Collects what a broker sends of its own accord."""

    def __init__(self) -> None:
        self.reason = ""
        self._messages: dict[str, bytes] = {}
        self._news = threading.Event()

    def take(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001
        if retained and payload and len(self._messages) < _MOST:
            self._messages[topic] = payload
        self._news.set()

    def hear_of(self, _connected: bool, reason: str) -> None:  # noqa: FBT001
        self.reason = reason

    def wait(self) -> dict[str, bytes]:
        """Return the messages once no more have come for a while."""
        while self._news.wait(_QUIET_S):
            self._news.clear()
        return dict(self._messages)


def _is_running(messages: dict[str, bytes], root: str, base_topic: str) -> bool:
    about = About.parse(messages.get(f"{root}/about", b""))
    if about and messages.get(daemon_topic(base_topic, about.daemon)) == b"offline":
        return False
    return messages.get(f"{root}/availability") == b"online"


def _belongs(topic: str, root: str, node: str) -> bool:
    announced = announced_id(topic)
    if announced is not None:
        match = ID.fullmatch(announced)
        return match is not None and match[1] == node
    return topic.startswith(f"{root}/")


def _clear(connection: Connection, topics: list[str], address: str) -> None:
    waiting: list[Callable[[], bool] | None] = [
        connection.deliver(topic, "", retain=True) for topic in topics
    ]
    until = time.monotonic() + _CONFIRM_S
    while not all(delivered is not None and delivered() for delivered in waiting):
        if time.monotonic() > until:
            raise BrokerError(
                f"the broker at {address} did not confirm: may this user write to "
                f"{topics[0]}?"
            )
        time.sleep(0.02)
