"""Times, durations and states in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from genre_daemon.display.heard import clean

if TYPE_CHECKING:
    from datetime import tzinfo

    from genre_daemon.display.nodes import NodeState
    from genre_daemon.display.view import Broker, View

STALE_S = 100.0
"""Three heartbeats of a node: after that its last word is no longer news."""

_ASCII = str.maketrans("·\N{MINUS SIGN}…✓✗●○│─", "--.+x*o|-")


def spoken(genre: str) -> str:
    """Return a genre's word as a person writes it: ``no_music`` as ``no music``."""
    return genre.replace("_", " ")


def duration(seconds: float) -> str:
    """Return a time span, such as ``3:12``, ``1:02:05`` or ``4 days``."""
    whole = max(0, int(seconds))
    if whole >= 2 * 86_400:
        return f"{whole // 86_400} days"
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes}:{whole % 60:02}"


def clock(time_s: float, zone: tzinfo | None = None, form: str = "%H:%M:%S") -> str:
    """Return a time of day, in the machine's own zone by default."""
    try:
        return datetime.fromtimestamp(time_s, UTC).astimezone(zone).strftime(form)
    except (OverflowError, OSError, ValueError):
        return "--:--:--"


def percent(fraction: float | None) -> str:
    """Return a fraction as ``94 %``, or a dash where there is none."""
    return "-" if fraction is None else f"{100 * fraction:.0f} %"


def plain_ascii(text: str) -> str:
    """Return text of as many characters for a terminal that has no Unicode."""
    return text.translate(_ASCII).encode("ascii", "replace").decode()


@dataclass(frozen=True)
class Headline:
    """What a node is doing, for people."""

    word: str
    """The genre, or a word for why there is none."""
    sentence: str = ""
    """What that means, where the word is no genre."""
    trouble: bool = False
    """Whether somebody should look after it."""
    heard: bool = False
    """Whether the word is the node's verdict."""


def headline(node: NodeState | None, view: View) -> Headline:
    """Return the one thing to say about a node; trouble nearest to us comes first."""
    if not view.broker.connected:
        return _about_broker(node, view.broker)
    if node is None:
        return _about_nobody(view)
    if node.online is False or node.problem:
        return _about_trouble(node, view.now_s)
    if node.heard is None:
        return Headline("waiting", f"Nothing heard from {node.label} yet.")
    age_s = view.now_s - node.heard.arrived_s
    if age_s > STALE_S:
        said = f"{node.label} has said nothing for {duration(age_s)}."
        return Headline("no news", said, trouble=True)
    return Headline(spoken(node.heard.genre), heard=True)


def _about_trouble(node: NodeState, now_s: float) -> Headline:
    if node.online is not False:
        return Headline("no sound", f"Microphone problem: {node.problem}", trouble=True)
    said = f"{node.label} is offline"
    if node.spans:
        last = node.spans[-1]
        ago = duration(now_s - last.end_s)
        said += f"; it last heard {spoken(last.genre)}, {ago} ago"
    return Headline("offline", f"{said}.", trouble=True)


def _about_broker(node: NodeState | None, broker: Broker) -> Headline:
    if broker.connected is None:
        return Headline("connecting", f"Looking for the broker at {broker.address}.")
    said = f"No broker at {broker.address}"
    said += f": {clean(broker.reason)}." if broker.reason else "."
    said += " Trying again."
    if node is not None and node.spans:
        said += f" Last heard: {spoken(node.spans[-1].genre)}."
    return Headline("no broker", said, trouble=True)


def _about_nobody(view: View) -> Headline:
    if view.wanted is None:
        said = (
            "The broker is there, but no node has spoken yet: is genre-daemon running?"
        )
        return Headline("waiting", said)
    known = ", ".join(node.label for node in view.nodes)
    said = f"Nothing heard of {clean(view.wanted, 60)} yet."
    return Headline("waiting", f"{said} Known: {known}." if known else said)
