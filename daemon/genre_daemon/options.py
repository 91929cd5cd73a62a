"""Every key of the configuration, with what it accepts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_daemon.homeassistant.discovery import Style

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_DAYS = 36_500
_TOPIC_LEVEL = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Option:
    """One key of the configuration."""

    accepts: str
    """What may stand there, for people."""
    parse: Callable[[Any], Any]
    """Raises ValueError for a value that may not."""


def _text(value: object) -> str:
    if not (isinstance(value, str) and value and value.isprintable()):
        raise ValueError
    return value


def _name(value: object) -> str:
    if not _TOPIC_LEVEL.fullmatch(_text(value)):
        raise ValueError
    return _text(value)


def _topic(value: object) -> str:
    for level in _text(value).split("/"):
        _name(level)
    return _text(value)


def _path(value: object) -> Path:
    return Path(_text(value)).expanduser()


def _port(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError
    port = int(value)
    if not 1 <= port <= 65_535:  # noqa: PLR2004 - the range of TCP
        raise ValueError
    return port


def _switch(value: object) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True}
    words |= {"false": False, "no": False, "off": False, "0": False}
    return value if isinstance(value, bool) else words[_text(value).lower()]


def _fraction(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError
    number = float(value)
    if not 0.0 <= number <= 1.0:
        raise ValueError
    return number


def _days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError
    days = int(value)
    if not 1 <= days <= _MAX_DAYS:
        raise ValueError
    return days


OPTIONS: Mapping[str, Option] = {
    "node.name": Option("1 to 64 letters, digits, - and _", _name),
    "audio.device": Option("the name of an input, or part of one, or 'demo'", _text),
    "mqtt.host": Option("a host name or address", _text),
    "mqtt.port": Option("a port, 1 to 65535", _port),
    "mqtt.username": Option("a user name", _text),
    "mqtt.password_file": Option("the path of a file that holds the password", _path),
    "mqtt.tls": Option("true or false", _switch),
    "mqtt.ca_file": Option("the path of a PEM file", _path),
    "mqtt.cert_file": Option("the path of a PEM file", _path),
    "mqtt.key_file": Option("the path of a PEM file", _path),
    "mqtt.base_topic": Option("topic levels of letters, digits, - and _", _topic),
    "mqtt.predictions": Option("true or false", _switch),
    "mqtt.discovery": Option(f"one of {', '.join(Style)}", Style),
    "mqtt.discovery_prefix": Option("topic levels of letters, digits, - and _", _topic),
    "classify.bundle": Option("the path of a .tflite bundle", _path),
    "classify.threshold": Option("a number, 0 to 1", _fraction),
    "history.enabled": Option("true or false", _switch),
    "history.days": Option(f"a number of days, 1 to {_MAX_DAYS}", _days),
    "history.path": Option("the path of an SQLite file", _path),
}
"""Every key there is, as ``section.key``."""
