"""Ports to serve on in tests."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress

_LOWEST, _EPHEMERAL = 10_000, 32_768


def free_port() -> int:
    """Return a port of the loopback on which nobody listens.

    It is below those that Linux gives to whoever connects: a server that is down for a
    while would else find its port taken by a client, at times by its own, which has
    connected to itself.
    """
    while True:
        port = _LOWEST + secrets.randbelow(_EPHEMERAL - _LOWEST)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
