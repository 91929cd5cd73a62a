"""Which nodes are offline because the daemon that they share is.

A daemon of several nodes has one connection, and so one last will: its own. If it dies
without a word, its nodes still stand as ``online``; here its word counts for theirs.

Conventions
-----------
Topics are ``<base>/<node>/<kind>`` and ``<base>/daemon/<daemon>/availability``.
Nothing here has a clock or does I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from genre_daemon.homeassistant.leftovers import About
from genre_daemon.node.topics import DAEMONS, daemon_topic

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST = 4_096
_OFFLINE = b"offline"


class Daemons:
    """What is known of daemons that have several nodes.

    Parameters
    ----------
    base : str
        First levels of every topic.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._said: dict[str, bytes] = {}  # its availability, by node
        self._daemon_of: dict[str, str] = {}
        self._offline: set[str] = set()

    @property
    def subscriptions(self) -> list[str]:
        """Topic filters whose messages are needed besides those of the nodes."""
        return [f"{self._base}/+/about", daemon_topic(self._base, "+")]

    def translate(self, topic: str, payload: bytes) -> list[tuple[str, bytes]]:
        """Return what a message says of single nodes, as topics and payloads."""
        match topic.removeprefix(f"{self._base}/").split("/"):
            case [node, "availability"]:
                if node in self._said or len(self._said) < _MOST:
                    self._said[node] = payload
                return [(topic, self._availability(node, payload))]
            case [node, "about"]:
                return self._belong(node, About.parse(payload))
            case [level, daemon, "availability"] if level == DAEMONS:
                return self._hear(daemon, offline=payload == _OFFLINE)
        return [(topic, payload)]

    def _belong(self, node: str, about: About | None) -> list[tuple[str, bytes]]:
        before = self._daemon_of.pop(node, "")
        if about and about.daemon and len(self._daemon_of) < _MOST:
            self._daemon_of[node] = about.daemon
        changed = before != self._daemon_of.get(node, "")
        return self._tell([node]) if changed else []

    def _hear(self, daemon: str, *, offline: bool) -> list[tuple[str, bytes]]:
        if offline and len(self._offline) < _MOST:
            self._offline.add(daemon)
        else:
            self._offline.discard(daemon)
        return self._tell([n for n, name in self._daemon_of.items() if name == daemon])

    def _tell(self, nodes: Iterable[str]) -> list[tuple[str, bytes]]:
        return [
            (f"{self._base}/{node}/availability", self._availability(node, said))
            for node in nodes
            if (said := self._said.get(node)) is not None
        ]

    def _availability(self, node: str, said: bytes) -> bytes:
        """Return what holds of a node that has said so much of itself."""
        gone = self._daemon_of.get(node) in self._offline
        return _OFFLINE if gone and said else said
