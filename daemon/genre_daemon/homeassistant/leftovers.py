"""What earlier runs and other names of a daemon's nodes have left on the broker.

Every node keeps a retained ``…/about`` that says who it is, where it announced itself,
and with which daemon it comes and goes. From it the next run learns what to clear away:
the old name of a node that was renamed, the old machine of a name, the other style of
discovery.

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
from genre_daemon.node.topics import DAEMONS, daemon_topic

if TYPE_CHECKING:
    from collections.abc import Sequence

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
_MAX_ABOUTS = 256  # of up to 16 kB each
_MAX_NODES = 4_096
_DISCOVERY = re.compile(
    r"(?:[A-Za-z0-9_-]{1,64}/){1,8}"
    rf"(?:device/(?P<device>{ID.pattern})"
    r"|[a-z_]{1,32}/(?P<single>" + ID.pattern + r")/[A-Za-z0-9_-]{1,64})/config"
)
_DAEMON = re.compile(r"[A-Za-z0-9_-]{0,64}")


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
    daemon: str = ""
    """Name of the daemon that it shares with other nodes; empty if it is alone."""

    def to_json(self) -> str:
        """Return the payload."""
        values = {
            "id": self.id,
            "installation": self.installation,
            "discovery": list(self.discovery),
        }
        return json.dumps({**values, "daemon": self.daemon} if self.daemon else values)

    @classmethod
    def parse(cls, payload: bytes) -> Self | None:
        """Return what a payload says, None for one that no node has written."""
        if len(payload) > _MAX_BYTES:
            return None
        try:
            values = json.loads(payload)
            topics = tuple(values["discovery"])
            daemon = values.get("daemon", "")
            found = cls(values["id"], values["installation"], topics, daemon)
            ours = (
                ID.fullmatch(found.id) is not None
                and isinstance(found.installation, str)
                and _DAEMON.fullmatch(daemon) is not None
                and len(topics) <= _MAX_TOPICS
                and all(announced_id(topic) == found.id for topic in topics)
            )
        except (ValueError, RecursionError, KeyError, TypeError):
            return None
        return found if ours else None


class Leftovers:
    """What is on the broker besides this run of a daemon.

    Parameters
    ----------
    identities : sequence of Identity
        Of its nodes.
    base_topic : str
        First levels of the topics of all nodes.
    daemon : str
        Name under which the nodes come and go together; empty if there is one.
    """

    def __init__(
        self, identities: Sequence[Identity], base_topic: str, daemon: str = ""
    ) -> None:
        self._own = {identity.node: identity for identity in identities}
        self._installations = {identity.installation for identity in identities}
        self._base = base_topic
        self._daemon = daemon
        self.reset()

    @property
    def subscriptions(self) -> list[str]:
        """Topic filters whose messages are to be pushed."""
        nodes = f"{self._base}/+"
        daemons = daemon_topic(self._base, "+")
        return [f"{nodes}/about", f"{nodes}/availability", daemons]

    def reset(self) -> None:
        """Forget everything, as when a connection begins."""
        self._abouts: dict[str, About] = {}
        self._online: dict[str, bool] = {}
        self._daemons: dict[str, bool] = {}

    def push(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take a message; those that are none of ours change nothing."""
        if not topic.startswith(f"{self._base}/"):
            return
        online = {b"online": True, b"offline": False}.get(payload)
        match topic.removeprefix(f"{self._base}/").split("/"):
            case [node, _] if node in self._own and not retained:
                return  # what comes live on our own topics is our own echo
            case [node, "about"]:
                about = About.parse(payload)
                ours = about and about.installation in self._installations
                limit = _MAX_NODES if ours else _MAX_ABOUTS
                self._keep(self._abouts, node, about, limit)
            case [node, "availability"]:
                self._keep(self._online, node, online, _MAX_NODES)
            case [level, daemon, "availability"] if level == DAEMONS:
                self._keep(self._daemons, daemon, online, _MAX_NODES)

    def settle(self, own: Sequence[About]) -> None:
        """Take note that what was stale is cleared and the nodes announced anew."""
        for node in self._replaced():
            del self._abouts[node]
        self._abouts |= dict(zip(self._own, own, strict=True))

    def announced(self, identity: Identity) -> tuple[str, ...]:
        """Return the topics under which an earlier run announced this very node."""
        about = self._abouts.get(identity.node)
        return about.discovery if about and about.id == identity.id else ()

    def rivals(self) -> list[str]:
        """Return the names of our nodes that other machines, alive, use as well."""
        return [
            node
            for node, about in self._abouts.items()
            if node in self._own and not self._is_own(about) and self._alive(node)
        ]

    def stale(self) -> list[str]:
        """Return the topics of what is gone because this daemon replaces it."""
        topics: list[str] = []
        for node in self._replaced():
            topics += self._abouts[node].discovery
            if node not in self._own:
                topics += [f"{self._base}/{node}/{kind}" for kind in KINDS]
        return topics + self._former_daemons()

    def _former_daemons(self) -> list[str]:
        """Return where this daemon said that it is there under another name."""
        ours = [
            about.daemon
            for about in self._abouts.values()
            if about.installation in self._installations
        ]
        return [
            daemon_topic(self._base, name)
            for name in dict.fromkeys(ours)
            if name not in ("", self._daemon) and self._daemons.get(name) is False
        ]

    def _replaced(self) -> list[str]:
        """Return the names of nodes that ours take the place of."""
        return [
            node
            for node, about in self._abouts.items()
            # One that is alive, or whose fate is not known, is left alone.
            if self._alive(node) is False
            and not self._is_own(about)
            and (node in self._own or about.installation in self._installations)
        ]

    def _is_own(self, about: About) -> bool:
        return any(about.id == own.id for own in self._own.values())

    def _alive(self, node: str) -> bool | None:
        """Return whether a node is there, None if that is not known."""
        about = self._abouts.get(node)
        if about and self._daemons.get(about.daemon) is False:
            return False  # it died without a word, and its daemon's will was read
        return self._online.get(node)

    def _keep(
        self, store: dict[str, _T], name: str, value: _T | None, limit: int
    ) -> None:
        if value is None:
            store.pop(name, None)
        elif name in store or name in self._own or len(store) < limit:
            store[name] = value
