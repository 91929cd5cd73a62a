"""What a frame of the display is drawn from: one immutable value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

    from genre_daemon.display.nodes import NodeState


@dataclass(frozen=True)
class Caps:
    """What a terminal can show."""

    unicode: bool = True
    """Block elements and marks beyond ASCII."""
    colour: bool = True


@dataclass(frozen=True)
class Broker:
    """The connection to the broker."""

    address: str
    connected: bool | None = None
    """None while the first attempt is under way."""
    reason: str = ""
    """Why there is no connection."""


@dataclass(frozen=True)
class View:
    """Everything that a frame shows, the time included."""

    now_s: float
    """Seconds since 1970."""
    broker: Broker
    nodes: tuple[NodeState, ...] = ()
    """In the order of their names."""
    wanted: str | None = None
    """The node to show, though it may not have been heard of yet."""
    everyone: bool = False
    """One row a room instead of one node."""
    paused: bool = False
    help: bool = False
    footer: str = ""
    """A line of somebody else's, such as the daemon's latest log line."""
    zone: tzinfo | None = None
    """Of the clock; None for the machine's own."""

    @property
    def node(self) -> NodeState | None:
        """The node to show: the wanted one, or else the first."""
        if self.wanted is None:
            return self.nodes[0] if self.nodes else None
        return next((node for node in self.nodes if node.name == self.wanted), None)
