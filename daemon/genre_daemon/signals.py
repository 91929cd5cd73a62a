"""Signals as something to wait for.

The kernel gives a signal to any thread of a process, but Python's handlers run on the
main one, and only between two of its instructions: a main thread that waits for a lock
would never get there. So the C handler writes each signal's number to a socket, and
the main thread waits for that.
"""

from __future__ import annotations

import select
import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType


class Signals:
    """Takes signals while it is entered, on the main thread.

    Parameters
    ----------
    numbers : signal.Signals
        Which signals to take.
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._numbers = numbers
        self._here, self._there = socket.socketpair()
        self._there.setblocking(False)
        self._former_fd = -1

    def __enter__(self) -> Self:
        self._former_fd = signal.set_wakeup_fd(self._there.fileno())
        for number in self._numbers:
            signal.signal(number, _ignored)
        return self

    def __exit__(self, *_exception: object) -> None:
        # Handlers stay: one more Ctrl-C must not tear what is being closed apart.
        signal.set_wakeup_fd(self._former_fd)
        self._here.close()
        self._there.close()

    def send(self, number: signal.Signals) -> None:
        """Act as if the signal had come; any thread may call this."""
        with suppress(OSError):  # full: there is enough to wake up for; closed: left
            self._there.send(bytes([number]))

    def wait(self, timeout_s: float | None) -> int | None:
        """Return the next signal; None if the time is over before it comes."""
        if not select.select([self._here], [], [], timeout_s)[0]:
            return None
        return self._here.recv(1)[0]


def _ignored(_number: int, _frame: FrameType | None) -> None:
    """Take the place of the default action, which would end the process."""
