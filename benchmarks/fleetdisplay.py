"""``genre-listen --all`` in a terminal of its own, and how soon it shows news."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
import time
from typing import Self

COLUMNS, ROWS = 200, 60
_START = "from genre_daemon.listen import main; main()"
_KEPT_BYTES = 65_536


class Display:
    """The program in a pseudo-terminal, as a context manager.

    Parameters
    ----------
    port : int
        Of the broker on this machine.
    """

    def __init__(self, port: int) -> None:
        self._command = [sys.executable, "-c", _START, "--port", str(port), "--all"]
        self._shown = b""
        self._news = threading.Condition()

    def __enter__(self) -> Self:
        """Start it."""
        self._terminal, inside = pty.openpty()
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(inside, termios.TIOCSWINSZ, size)
        self._process = subprocess.Popen(  # noqa: S603 - no input of strangers
            self._command,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        os.close(inside)
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()
        os.close(self._terminal)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def wait_for(self, word: str, timeout_s: float) -> float | None:
        """Return when a word was drawn, by the monotonic clock; None if not in time."""
        until = time.monotonic() + timeout_s
        with self._news:
            while word.encode() not in self._shown:
                if not self._news.wait(until - time.monotonic()):
                    return None
            return self._shown_at

    def forget(self) -> None:
        """Look only for what is drawn from now on."""
        with self._news:
            self._shown = b""

    def _read(self) -> None:
        while True:
            try:
                written = os.read(self._terminal, _KEPT_BYTES)
            except OSError:  # it has ended
                return
            with self._news:
                self._shown = (self._shown + written)[-_KEPT_BYTES:]
                self._shown_at = time.monotonic()
                self._news.notify_all()
