"""EDGE: single key presses from a terminal, which is put back as it was."""

from __future__ import annotations

import contextlib
import os
import re
import select
import termios
from typing import Self

SUSPEND = "\x1a"
REDRAW = "\x0c"
END = "\x04"
"""Ctrl-Z, Ctrl-L and Ctrl-D, which also stands for a terminal that is gone."""

_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)


def parse(typed: str) -> list[str]:
    """Return the keys in what was typed; arrows and their like are left out."""
    return [key.lower() for key in _SEQUENCE.sub("", typed)]


def ready(fd: int) -> bool:
    """Return whether something can be read at once."""
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    return bool(waiting.poll(0))


class Keyboard:
    """Keys without Enter and without echo, for as long as the context lasts.

    Ctrl-C stays a signal. Ctrl-Z becomes a key, so that the screen can be put in order
    before the program is stopped.

    Parameters
    ----------
    fd : int
        To read from; nothing is read or changed where it is no terminal.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._before: list[int | list[bytes | int]] | None = None

    @property
    def fds(self) -> tuple[int, ...]:
        """What to wait for."""
        return () if self._before is None else (self._fd,)

    def __enter__(self) -> Self:
        """Read key by key from now on."""
        if os.isatty(self._fd):
            self._before = termios.tcgetattr(self._fd)
            modes = termios.tcgetattr(self._fd)
            modes[3] &= ~(termios.ICANON | termios.ECHO)
            special = list(modes[6])
            special[termios.VSUSP] = b"\x00"
            special[termios.VMIN] = 1
            special[termios.VTIME] = 0
            modes[6] = special
            termios.tcsetattr(self._fd, termios.TCSADRAIN, modes)
        return self

    def __exit__(self, *_: object) -> None:
        """Put the terminal back as it was; one that is gone needs nothing."""
        if self._before is not None:
            # What was typed meanwhile was for us, not for the shell.
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._fd, termios.TCSAFLUSH, self._before)
            self._before = None

    def read(self) -> list[str]:
        """Return the keys that were pressed since, if any."""
        if self._before is None or not ready(self._fd):
            return []
        try:
            typed = os.read(self._fd, 1024)
        except OSError:
            typed = b""
        return parse(typed.decode("utf-8", "ignore")) if typed else [END]
