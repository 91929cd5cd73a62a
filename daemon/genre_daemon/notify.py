"""Tell systemd how the daemon is; silent where no systemd asks.

References
----------
sd_notify(3). The protocol is one datagram of ``KEY=value`` lines, so that no library
is needed.
"""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Notifier:
    """The service manager's socket, if there is one.

    Parameters
    ----------
    environ : mapping, optional
        Where to look for ``NOTIFY_SOCKET``; by default this process's environment.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        path = (os.environ if environ is None else environ).get("NOTIFY_SOCKET", "")
        # A leading @ stands for the abstract namespace, which begins with a zero byte.
        self._address = "\0" + path[1:] if path.startswith("@") else path
        self._ready = False
        self._status = ""

    def fresh_verdict(self, status: str) -> None:
        """Say that audio flows and was judged, which is what the watchdog asks for.

        Parameters
        ----------
        status : str
            What is heard; sent only when it changed.
        """
        lines = ["WATCHDOG=1"]
        if not self._ready:
            lines.append("READY=1")
            self._ready = True
        self._send(lines, status)

    def status(self, status: str) -> None:
        """Say why there is nothing to hear."""
        self._send([], status)

    def waiting(self, status: str) -> None:
        """Say why there is nothing to hear, having just made sure.

        Without a verdict the watchdog would end a daemon that does all it can, and
        ending it brings no microphone back. So a loop that has just been told that
        there is none feeds it, too; one that was told nothing does not.
        """
        self._send(["WATCHDOG=1"], status)

    def reloading(self) -> None:
        """Say that the configuration is being read anew."""
        if self._ready:
            now_us = time.monotonic_ns() // 1_000
            self._send(["RELOADING=1", f"MONOTONIC_USEC={now_us}"], self._status)

    def reloaded(self) -> None:
        """Say that this is done; ready is only who was ready before."""
        if self._ready:
            self._send(["READY=1"], self._status)

    def stopping(self) -> None:
        """Say that the daemon is about to leave."""
        self._send(["STOPPING=1"], "stopping")

    def _send(self, lines: list[str], status: str) -> None:
        if status != self._status:
            self._status = status
            lines.append("STATUS=" + status.replace("\n", " "))
        if not (self._address and lines):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            try:
                sender.sendto("\n".join(lines).encode(), self._address)
            except OSError:
                # A manager that went away is no reason to stop listening.
                return
