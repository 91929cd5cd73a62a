"""What ``audio.device`` stands for, and how to say it without giving it away.

A stream's address may hold a password or a token. Only what :func:`public_name`
leaves is for logs, messages and screens.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from pathlib import Path
from urllib.parse import urlsplit

DEMO = "demo"
"""The device name that stands for the built-in demo."""

SCHEMES = ("http", "https", "rtsp", "rtsps")
"""Kinds of stream that are opened."""

_ENDING = re.compile(r"\.[A-Za-z0-9]{2,5}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*")


class Kind(Enum):
    """What a source is."""

    MICROPHONE = auto()
    DEMO = auto()
    STDIN = auto()
    FILE = auto()
    STREAM = auto()


def kind_of(device: str) -> Kind:
    """Return what a text names.

    Parameters
    ----------
    device : str
        ``-``, ``demo``, a URL, a path (which has a slash or an ending such as
        ``.flac``), or the name of a microphone.

    Raises
    ------
    ValueError
        For a URL that is none, or of a kind that is not opened.
    """
    if "://" in device:
        parts = urlsplit(device)
        if parts.scheme not in SCHEMES or not parts.hostname or "\n" in device:
            raise ValueError(f"{public_name(device)} is no stream")
        return Kind.STREAM
    if device in ("-", DEMO):
        return Kind.STDIN if device == "-" else Kind.DEMO
    if "/" in device or _ENDING.fullmatch(Path(device).suffix):
        return Kind.FILE
    return Kind.MICROPHONE


def public_name(text: str) -> str:
    """Return a text with every URL in it cut down to scheme, host and path."""
    return _URL.sub(lambda found: _public_url(found[0]), text)


def _public_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        # Behind the last @: a password may hold one, though it should not.
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return url.partition("://")[0] + "://..."
    return f"{parts.scheme}://{host}{parts.path}"
