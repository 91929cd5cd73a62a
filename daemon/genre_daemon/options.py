"""Every key of the configuration, with what it accepts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.homeassistant.discovery import Style
from genre_daemon.node.topics import DAEMONS
from genre_daemon.redaction import redact
from genre_daemon.sources.address import SCHEMES, kind_of
from genre_daemon.sources.pcm import ENCODINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_DAYS = 36_500
_RATES = (4_000, 384_000)
_MAX_CHANNELS = 64
_MAX_DEAF_S = 86_400
_HOST = re.compile(r"[^\s/@]{1,255}")
_TOPIC_LEVEL = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Option:
    """One key of the configuration."""

    accepts: str
    """What may stand there, for people."""
    parse: Callable[[Any], Any]
    """Raises ValueError for a value that may not."""

    def check(self, key: str, value: object, origin: str) -> Any:  # noqa: ANN401 - by key
        """Return what a value means.

        Parameters
        ----------
        key, origin : str
            What is set and where, for people.
        value : object

        Raises
        ------
        ConfigError
            If that may not stand there.
        """
        try:
            return self.parse(value)
        except (ValueError, KeyError) as error:
            raise ConfigError(
                f"{key} must be {self.accepts}, got {redact(repr(value)):.80} "
                f"(in {origin})"
            ) from error


def _text(value: object) -> str:
    if not (isinstance(value, str) and value and value.isprintable()):
        raise ValueError
    return value


def _level(value: object) -> str:
    if not _TOPIC_LEVEL.fullmatch(_text(value)):
        raise ValueError
    return _text(value)


def _name(value: object) -> str:
    if value == DAEMONS:
        raise ValueError
    return _level(value)


def _topic(value: object) -> str:
    for level in _text(value).split("/"):
        _level(level)
    return _text(value)


def _host(value: object) -> str:
    # An address with a password in it would be shown wherever the broker is named.
    if not _HOST.fullmatch(_text(value)):
        raise ValueError
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


def _device(value: object) -> str:
    kind_of(_text(value))
    return _text(value)


def _encoding(value: object) -> str:
    if _text(value) not in ENCODINGS:
        raise ValueError
    return _text(value)


def _between(low: int, high: int) -> Callable[[object], int]:
    """Return a parser of whole numbers."""

    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise ValueError
        number = int(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return parse


def _deaf_after(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError
    seconds = float(value)
    if not 0.0 <= seconds <= _MAX_DEAF_S:
        raise ValueError
    return seconds


OPTIONS: Mapping[str, Option] = {
    "node.name": Option(f"1 to 64 letters, digits, - and _, not {DAEMONS!r}", _name),
    "audio.device": Option(
        "the name of an input, or part of one, 'demo', '-' for PCM on standard input, "
        f"the path of a file, or a URL with one of {', '.join(SCHEMES)}",
        _device,
    ),
    "audio.rate": Option(f"hertz, {_RATES[0]} to {_RATES[1]}", _between(*_RATES)),
    "audio.channels": Option(
        f"a number, 1 to {_MAX_CHANNELS}", _between(1, _MAX_CHANNELS)
    ),
    "audio.format": Option(f"one of {', '.join(ENCODINGS)}", _encoding),
    "audio.deaf_after_s": Option(f"seconds, 0 to {_MAX_DEAF_S}", _deaf_after),
    "mqtt.host": Option("a host name or address and nothing else", _host),
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
"""Every key of a section, as ``section.key``."""

SOURCE_OPTIONS: Mapping[str, Option] = {
    key: OPTIONS[key]
    for key in (
        "node.name",
        "audio.device",
        "audio.rate",
        "audio.channels",
        "audio.format",
        "audio.deaf_after_s",
        "classify.threshold",
    )
}
"""What may differ from source to source; a ``[[source]]`` leaves the section away."""
