"""Where on a broker a node, and a daemon with several of them, are found."""

from __future__ import annotations

DAEMONS = "daemon"
"""Level below the base topic that holds daemons; no node may be called so."""


def daemon_topic(base_topic: str, name: str) -> str:
    """Return where a daemon of several nodes says whether it is there.

    A connection has one last will, and there is one connection: so it is the daemon
    that goes offline, and its nodes with it.
    """
    return f"{base_topic}/{DAEMONS}/{name}/availability"
