"""EDGE: messages from the broker, handed over from its thread to ours."""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from genre_daemon.display.daemons import Daemons
from genre_daemon.display.heard import MAX_PAYLOAD
from genre_daemon.display.nodes import KINDS, Change, Nodes
from genre_daemon.display.view import Broker
from genre_daemon.mqtt.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from genre_daemon.mqtt.settings import MqttSettings

WATCH_S = 60
"""Seconds for which a node is asked to speak at every hop."""
_ASK_AGAIN_S = 30.0
_MOST_WAITING = 2_000
"""Messages kept for a display that is held up; older ones are let go."""
_PATIENCE_S = 0.5


@dataclass(frozen=True)
class _Message:
    topic: str
    payload: bytes
    retained: bool
    arrived_s: float


class Feed:
    """Everything that nodes say, and how the broker fares.

    A context manager: inside, the connection is kept up in the background. All
    methods belong to one thread.

    Parameters
    ----------
    settings : MqttSettings
    base : str
        First levels of every topic.
    """

    def __init__(self, settings: MqttSettings, base: str) -> None:
        self.nodes = Nodes(base)
        self.broker = Broker(settings.address)
        self._base = base
        self._daemons = Daemons(base)
        self._arrived: deque[_Message | Broker] = deque(maxlen=_MOST_WAITING)
        self._asked: dict[str, float] = {}
        self._bell, self._ring = socket.socketpair()
        for end in (self._bell, self._ring):
            end.setblocking(False)
        self._connection = Connection(
            settings,
            client_id=f"gl-display-{secrets.token_hex(5)}",
            on_message=self._handle_message,
            on_state=self._handle_state,
            subscriptions=[
                *(f"{base}/+/{kind}" for kind in KINDS),
                *self._daemons.subscriptions,
            ],
        )

    def __enter__(self) -> Self:
        """Begin to connect."""
        self._connection.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect, without waiting for a broker that does not answer."""
        leave = threading.Thread(target=self._connection.stop, daemon=True)
        leave.start()
        leave.join(_PATIENCE_S)
        self._bell.close()
        self._ring.close()

    def wait(self, timeout_s: float, others: Sequence[int] = (), out: int = -1) -> bool:
        """Sleep until something arrives, an input can be read, or time is up.

        Parameters
        ----------
        timeout_s : float
        others : sequence of int
            File descriptors to read from.
        out : int
            A pipe that is written to, or -1.

        Returns
        -------
        bool
            Whether the pipe still has a reader.
        """
        waiting = select.poll()
        for number in (self._bell.fileno(), *others):
            waiting.register(number, select.POLLIN)
        if out >= 0:
            waiting.register(out, 0)
        ready = waiting.poll(max(0.0, timeout_s) * 1000)
        return all(number != out for number, _ in ready)

    def receive(self) -> list[Change] | None:
        """Take in what has arrived; None where nothing has."""
        with contextlib.suppress(BlockingIOError):
            while self._bell.recv(4096):
                pass
        changes: list[Change] = []
        news = False
        while self._arrived:
            item = self._arrived.popleft()
            news = True
            if isinstance(item, Broker):
                self.broker = item
                self._asked.clear()
                continue
            changes += self._take(item)
        return changes if news else None

    def _take(self, message: _Message) -> Iterator[Change]:
        """Take in a message, and give what changes with it."""
        retained, now_s = message.retained, message.arrived_s
        for topic, payload in self._daemons.translate(message.topic, message.payload):
            change = self.nodes.receive(topic, payload, retained=retained, now_s=now_s)
            if change is None:
                continue
            if change.after.online and not change.before.online:
                self._asked.pop(change.after.name, None)  # it has just begun
            yield change

    def ask(self, names: Iterable[str]) -> None:
        """Have these nodes speak at every hop, for as long as this is called."""
        now = time.monotonic()
        for name in names:
            if now < self._asked.get(name, 0.0):
                continue
            topic = f"{self._base}/{name}/set/watch"
            if not self._connection.publish(topic, str(WATCH_S)):
                return  # the network takes no more for now: the others come next time
            self._asked[name] = now + _ASK_AGAIN_S

    def _handle_message(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001 - as the connection calls it
        message = _Message(topic, payload[:MAX_PAYLOAD], retained, time.time())
        self._hand_over(message)

    def _handle_state(self, connected: bool, reason: str) -> None:  # noqa: FBT001 - as the connection calls it
        why = "" if connected else reason
        self._hand_over(Broker(self.broker.address, connected, why))

    def _hand_over(self, item: _Message | Broker) -> None:
        self._arrived.append(item)
        # A full pipe wakes as well as one byte; a closed one wakes nobody any more.
        with contextlib.suppress(OSError):
            self._ring.send(b".")
