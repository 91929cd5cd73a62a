"""What is known of each node, from its MQTT messages alone.

Nothing here has a clock or does I/O: a message and the time of its arrival go in, a
new :class:`NodeState` comes out.

Conventions
-----------
Times are seconds since 1970 (UTC) on *this* machine's clock.
Topics are ``<base>/<node>/<kind>``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from genre_daemon.display.heard import (
    MAX_PAYLOAD,
    Heard,
    Telemetry,
    clean,
    parse_microphone,
    parse_state,
    parse_telemetry,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("state", "availability", "microphone", "telemetry")
"""The topics under a node that say what it hears and how it fares."""

MAX_NODES = 2_048
_MAX_SPANS = 1_000
_KEPT_S = 3_600.0


@dataclass(frozen=True)
class Span:
    """A run of equal verdicts as this display saw it."""

    start_s: float
    end_s: float
    genre: str


@dataclass(frozen=True)
class NodeState:
    """Everything known of one node."""

    name: str
    """As it stands in the topic; use :attr:`label` to show it."""
    online: bool | None = None
    """None until the node's availability is known."""
    online_s: float = 0.0
    """When that was learned."""
    problem: str | None = None
    """Why the microphone does not work; empty when it does, None when unknown."""
    heard: Heard | None = None
    telemetry: Telemetry | None = None
    spans: tuple[Span, ...] = ()

    @property
    def label(self) -> str:
        """The name, safe to show."""
        return clean(self.name, 60) or "?"

    @property
    def known(self) -> bool:
        """Whether anything at all is known."""
        return not (self.online is None and self.problem is None and self.heard is None)

    def receive(
        self, kind: str, payload: bytes, *, retained: bool, now_s: float
    ) -> NodeState:
        """Return the state after a message.

        Parameters
        ----------
        kind : str
            Last part of the topic, one of ``KINDS``; others change nothing.
        payload : bytes
            Anything; an empty one is the removal of a retained message.
        retained : bool
            Whether the broker had kept the message from before.
        now_s : float
            Time of arrival.
        """
        text = payload[:MAX_PAYLOAD].decode("utf-8", "replace").strip()
        if kind == "availability":
            return self._receive_availability(text, now_s)
        if kind == "microphone":
            problem = parse_microphone(text)
            # What was heard before a fault says nothing about what plays after it.
            heard = None if problem else self.heard
            return replace(self, problem=problem, heard=heard)
        if kind == "telemetry":
            return replace(self, telemetry=parse_telemetry(text) or self.telemetry)
        if kind == "state":
            if not text:
                return replace(self, heard=None)
            heard = parse_state(text, retained=retained, now_s=now_s)
            if heard is not None:
                return replace(self, heard=heard, spans=_extend(self.spans, heard))
        return self

    def _receive_availability(self, text: str, now_s: float) -> NodeState:
        online = {"online": True, "offline": False}.get(text)
        if online == self.online:
            return self
        heard = self.heard
        # Retained messages come in any order: a verdict may be from before it left.
        if online is False or (heard and heard.arrived_s < self._left_s()):
            heard = None
        return replace(self, online=online, online_s=now_s, heard=heard)

    def _left_s(self) -> float:
        """Return when the node went offline, if that is how it stands."""
        return self.online_s if self.online is False else 0.0


@dataclass(frozen=True)
class Change:
    """One node before and after a message."""

    before: NodeState
    after: NodeState


class Nodes:
    """All nodes seen under a base topic, by name.

    Parameters
    ----------
    base : str
        First levels of every topic, such as ``genre-listen``.
    """

    def __init__(self, base: str) -> None:
        self._prefix = base + "/"
        self._nodes: dict[str, NodeState] = {}

    def __iter__(self) -> Iterator[NodeState]:
        """Iterate over the states, in the order of the names."""
        return iter([self._nodes[name] for name in sorted(self._nodes)])

    def __len__(self) -> int:
        """Return how many nodes are known."""
        return len(self._nodes)

    def receive(
        self, topic: str, payload: bytes, *, retained: bool, now_s: float
    ) -> Change | None:
        """Take a message; None where it concerns no node, or one too many."""
        name, _, kind = topic.removeprefix(self._prefix).partition("/")
        if not (topic.startswith(self._prefix) and name and kind in KINDS):
            return None
        if name not in self._nodes and len(self._nodes) >= MAX_NODES:
            return None
        before = self._nodes.get(name, NodeState(name))
        after = before.receive(kind, payload, retained=retained, now_s=now_s)
        if after.known:
            self._nodes[name] = after
        else:
            self._nodes.pop(name, None)
        return Change(before, after)


def _extend(spans: tuple[Span, ...], heard: Heard) -> tuple[Span, ...]:
    """Let the last span go on, or begin a new one where the node says it began."""
    end_s = heard.arrived_s
    last = spans[-1] if spans else None
    slack_s = 2.0  # two messages' delays may differ a little
    if last and last.genre == heard.genre and heard.since_s <= last.end_s + slack_s:
        return (*spans[:-1], replace(last, end_s=max(last.end_s, end_s)))
    start_s = max(heard.since_s, last.end_s if last else 0.0)
    kept = [span for span in spans if span.end_s > end_s - _KEPT_S]
    new = Span(min(start_s, end_s), end_s, heard.genre)
    return (*kept[1 - _MAX_SPANS :], new)
