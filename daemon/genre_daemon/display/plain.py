"""Lines instead of a display: one a change, for people and for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from genre_daemon.display import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from genre_daemon.display.nodes import Change, NodeState

    Describe = Callable[[NodeState, NodeState | None, float], str]

SETTLE_S = 0.3
"""The retained messages of a node come one by one: what they say is told at once."""
_NAME_COLUMNS = 12
_GENRE_COLUMNS = 10


def text_line(node: NodeState, before: NodeState | None, now_s: float) -> str:
    """Return the line that tells a person of a change.

    Parameters
    ----------
    node : NodeState
        As it is now.
    before : NodeState or None
        As it was last told of.
    now_s : float
        Time of the change.
    """
    start = f"{words.clock(now_s)}  {node.label:<{_NAME_COLUMNS}}  "
    if node.online is False:
        return f"{start}offline"
    if node.problem:
        return f"{start}microphone problem: {node.problem}"
    heard = node.heard
    if heard is None:
        return f"{start}nothing heard yet"
    said = f"{heard.genre:<{_GENRE_COLUMNS}}  {words.percent(heard.confidence):>5}"
    if before is None or before.heard is None:
        return f"{start}{said}  since {words.clock(heard.since_s)}"
    lasted = words.duration(heard.since_s - before.heard.since_s)
    return f"{start}{said}  after {lasted} of {before.heard.genre}"


def json_line(node: NodeState, before: NodeState | None, now_s: float) -> str:
    """Return the JSON object that tells a program of a change.

    Parameters
    ----------
    node, before, now_s
        As for :func:`text_line`.
    """
    heard = node.heard
    return json.dumps(
        {
            "time": _timestamp(now_s),
            "node": node.label,
            "online": node.online is not False,
            "microphone": node.problem or "ok",
            "genre": heard.genre if heard else None,
            "confidence": heard.confidence if heard else None,
            "music": heard.music if heard else None,
            "since": _timestamp(heard.since_s) if heard else None,
            "previous": before.heard.genre if before and before.heard else None,
            "model": heard.model or None if heard else None,
        }
    )


def _timestamp(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds")


class Teller:
    """Which changes are worth a line.

    Parameters
    ----------
    describe : callable
        :func:`text_line` or :func:`json_line`.
    node : str or None
        The only node to tell of; None for all.
    """

    def __init__(self, describe: Describe, node: str | None) -> None:
        self._describe = describe
        self._only = node
        self._told: dict[str, NodeState] = {}
        self._new: dict[str, tuple[float, NodeState]] = {}

    def push(self, change: Change, now_s: float) -> list[str]:
        """Take a change and return the lines it is worth, at most one."""
        node = change.after
        if self._only not in (None, node.name):
            return []
        told = self._told.get(node.name)
        if told is None:
            since_s, _ = self._new.get(node.name, (now_s, node))
            self._new[node.name] = (since_s, node)
            return []
        if _essence(node) == _essence(told) or not _tells(node):
            return []
        self._told[node.name] = node
        return [self._describe(node, told, now_s)]

    def settle(self, now_s: float) -> list[str]:
        """Return the first lines of nodes whose retained messages have all come."""
        lines = []
        for name, (since_s, node) in list(self._new.items()):
            if now_s - since_s >= SETTLE_S and _tells(node):
                del self._new[name]
                self._told[name] = node
                lines.append(self._describe(node, None, now_s))
        return lines


def _essence(node: NodeState) -> tuple[bool, str, str]:
    """Return what a change changes: presence, microphone and genre."""
    genre = node.heard.genre if node.heard else ""
    return (node.online is not False, node.problem or "", genre)


def _tells(node: NodeState) -> bool:
    return bool(node.online is False or node.problem or node.heard)
