"""What earlier runs and other names of a node have left on the broker.

Every node keeps a retained ``…/about`` that says who it is and where it announced
itself. From it the next run learns what to clear away: the old name of a node that
was renamed, the old machine of a name, the other style of discovery.

Conventions
-----------
Messages go in, topics to clear come out. Whatever does not look like a node's own
topic is never named, whoever wrote it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

from genre_daemon.homeassistant.identity import ID

if TYPE_CHECKING:
    from genre_daemon.homeassistant.identity import Identity

KINDS = (
    "availability",
    "about",
    "state",
    "genre",
    "microphone",
    "listening",
    "threshold",
)
"""Last levels of the topics that a node keeps retained."""

_T = TypeVar("_T")

_MAX_BYTES = 16_384
_MAX_TOPICS = 64
_MAX_NODES = 256
_DISCOVERY = re.compile(
    r"(?:[A-Za-z0-9_-]{1,64}/){1,8}"
    rf"(?:device/(?P<device>{ID.pattern})"
    r"|[a-z_]{1,32}/(?P<single>" + ID.pattern + r")/[A-Za-z0-9_-]{1,64})/config"
)


def announced_id(topic: str) -> str | None:
    """Return the id of the node that a discovery topic announces, if it is one."""
    match = _DISCOVERY.fullmatch(topic)
    return (match["device"] or match["single"]) if match else None


@dataclass(frozen=True)
class About:
    """The content of a node's ``about``."""

    id: str
    installation: str
    discovery: tuple[str, ...]
    """Topics under which it announced itself."""

    def to_json(self) -> str:
        """Return the payload."""
        return json.dumps(
            {
                "id": self.id,
                "installation": self.installation,
                "discovery": list(self.discovery),
            }
        )

    @classmethod
    def parse(cls, payload: bytes) -> Self | None:
        """Return what a payload says, None for one that no node has written."""
        if len(payload) > _MAX_BYTES:
            return None
        try:
            values = json.loads(payload)
            topics = tuple(values["discovery"])
            found = cls(values["id"], values["installation"], topics)
            ours = (
                ID.fullmatch(found.id) is not None
                and isinstance(found.installation, str)
                and len(topics) <= _MAX_TOPICS
                and all(announced_id(topic) == found.id for topic in topics)
            )
        except (ValueError, RecursionError, KeyError, TypeError):
            return None
        return found if ours else None


class Leftovers:
    """What is on the broker besides this run of a node.

    Parameters
    ----------
    identity : Identity
    base_topic : str
        First levels of the topics of all nodes.
    """

    def __init__(self, identity: Identity, base_topic: str) -> None:
        self._identity = identity
        self._base = base_topic
        self.reset()

    @property
    def subscriptions(self) -> list[str]:
        """Topic filters whose messages are to be pushed."""
        return [f"{self._base}/+/about", f"{self._base}/+/availability"]

    def reset(self) -> None:
        """Forget everything, as when a connection begins."""
        self._abouts: dict[str, About] = {}
        self._online: dict[str, bool] = {}

    def push(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take a message; those that are none of ours change nothing."""
        node, _, kind = topic.removeprefix(f"{self._base}/").partition("/")
        if not topic.startswith(f"{self._base}/") or "/" in kind:
            return
        # What comes live on our own topics is our own echo.
        if node == self._identity.node and not retained:
            return
        if kind == "about":
            self._keep(self._abouts, node, About.parse(payload))
        elif kind == "availability":
            online = {b"online": True, b"offline": False}.get(payload)
            self._keep(self._online, node, online)

    def settle(self, own: About) -> None:
        """Take note that what was stale is cleared and the node announced anew."""
        for node in self._replaced():
            del self._abouts[node]
        self._abouts[self._identity.node] = own

    @property
    def announced(self) -> tuple[str, ...]:
        """Topics under which an earlier run of this very node announced itself."""
        about = self._abouts.get(self._identity.node)
        same = about is not None and about.id == self._identity.id
        return about.discovery if about and same else ()

    @property
    def rival(self) -> bool:
        """Whether another machine, alive, uses the name of this node."""
        node = self._identity.node
        about = self._abouts.get(node)
        other = about is not None and about.id != self._identity.id
        return other and self._online.get(node, False)

    def stale(self) -> list[str]:
        """Return the topics of nodes that are gone because this one replaces them."""
        topics: list[str] = []
        for node in self._replaced():
            topics += self._abouts[node].discovery
            if node != self._identity.node:
                topics += [f"{self._base}/{node}/{kind}" for kind in KINDS]
        return topics

    def _replaced(self) -> list[str]:
        """Return the names of nodes that this one takes the place of."""
        own = self._identity
        return [
            node
            for node, about in self._abouts.items()
            # One that is alive, or whose fate is not known, is left alone.
            if not self._online.get(node, True)
            and about.id != own.id
            and (node == own.node or about.installation == own.installation)
        ]

    @staticmethod
    def _keep(store: dict[str, _T], node: str, value: _T | None) -> None:
        if value is None:
            store.pop(node, None)
        elif node in store or len(store) < _MAX_NODES:
            store[node] = value
