"""What others may ask of a node on ``…/set/…``: parsed, bounded, or refused.

Whoever may write to the broker may send anything; nothing but these few words and
numbers gets through.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_WATCH_S = 300
"""Seconds of updates at every hop that one request may ask for."""

_MAX_BYTES = 16
_NUMBER = re.compile(r"[0-9]{1,3}")
_FRACTION = re.compile(r"[0-9](\.[0-9]{0,10})?|\.[0-9]{1,10}")


@dataclass(frozen=True)
class Listening:
    """Listen, or close the microphone."""

    on: bool


@dataclass(frozen=True)
class Threshold:
    """Say ``unknown`` below this confidence."""

    value: float
    """0 to 1."""


@dataclass(frozen=True)
class Watch:
    """Send the state at every hop for a while."""

    seconds: int
    """0 to ``LONGEST_WATCH_S``."""


Command = Listening | Threshold | Watch


def parse_command(name: str, payload: bytes) -> Command:
    """Return the command that a message stands for.

    Parameters
    ----------
    name : str
        Last level of the topic.
    payload : bytes
        Anything.

    Raises
    ------
    ValueError
        If there is no such command, or its value is not what it takes.
    """
    if name not in _COMMANDS:
        raise ValueError(f"there is no command {name!r:.40}: use {', '.join(NAMES)}")
    accepts, parse = _COMMANDS[name]
    try:
        if len(payload) > _MAX_BYTES:
            raise ValueError  # noqa: TRY301 - too long is one way to be wrong
        return parse(payload.decode("ascii").strip().lower())
    except ValueError:
        raise ValueError(f"{name} must be {accepts}, got {payload[:40]!r}") from None


def _parse_listening(text: str) -> Listening:
    if text not in ("on", "off"):
        raise ValueError
    return Listening(text == "on")


def _parse_threshold(text: str) -> Threshold:
    if not _FRACTION.fullmatch(text) or float(text) > 1.0:
        raise ValueError
    return Threshold(float(text))


def _parse_watch(text: str) -> Watch:
    if not _NUMBER.fullmatch(text) or int(text) > LONGEST_WATCH_S:
        raise ValueError
    return Watch(int(text))


_COMMANDS: dict[str, tuple[str, Callable[[str], Command]]] = {
    "listening": ("on or off", _parse_listening),
    "threshold": ("a number, 0 to 1", _parse_threshold),
    "watch": (f"whole seconds, 0 to {LONGEST_WATCH_S}", _parse_watch),
}
NAMES = tuple(_COMMANDS)
"""Last levels of the topics that are subscribed below ``…/set``."""
