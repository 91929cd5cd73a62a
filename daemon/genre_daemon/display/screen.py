"""EDGE: frames to a terminal, of which only rows that changed are sent."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import deque
from typing import TYPE_CHECKING, Self

from rich.console import ConsoleDimensions
from rich.control import Control
from rich.segment import Segment, Segments

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_USUAL = os.terminal_size((80, 24))
_LINES_HELD = 20


class Screen:
    """The alternate screen of a terminal, without a cursor, while the context lasts.

    Parameters
    ----------
    console : Console
        Whose file is the terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: list[list[Segment]] = []
        self._size: os.terminal_size | None = None

    @property
    def size(self) -> os.terminal_size:
        """Columns and rows at this moment; 80 x 24 where the terminal will not say."""
        with contextlib.suppress(OSError):
            found = os.get_terminal_size(self._console.file.fileno())
            if found.columns and found.lines:
                return found
        return _USUAL

    def __enter__(self) -> Self:
        """Take the screen."""
        self._console.set_alt_screen(True)
        self._console.show_cursor(False)
        self._size = None
        return self

    def __exit__(self, *_: object) -> None:
        """Give the screen back; a terminal that is gone needs none."""
        with contextlib.suppress(OSError):
            self._console.show_cursor(True)
            self._console.set_alt_screen(False)

    def forget(self) -> None:
        """Draw every row next time, whatever others wrote over them."""
        self._rows = []

    def draw(self, frame: Text, size: os.terminal_size) -> None:
        """Show a frame of at most this size."""
        console = self._console
        console.size = ConsoleDimensions(size.columns, size.lines)
        options = console.options.update(width=size.columns, height=size.lines)
        rows = console.render_lines(frame, options, pad=True)[: size.lines]
        with console:  # one write a frame, so that nobody sees half of it
            if size != self._size:
                console.control(Control.clear())
                self.forget()
            for number, row in enumerate(rows):
                if not self._rows or row != self._rows[number]:
                    console.control(Control.move_to(0, number))
                    console.print(Segments(row), end="")
        self._rows, self._size = rows, size


class HeldErrors:
    """Keeps what is written to standard error off the screen, and shows it after.

    Sound libraries in the same process write there without asking anybody. Does
    nothing where standard error is no terminal.
    """

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque(maxlen=_LINES_HELD)
        self._rest = b""
        self._kept = self._read = -1

    @property
    def fds(self) -> tuple[int, ...]:
        """What to wait for."""
        return () if self._read < 0 else (self._read,)

    def __enter__(self) -> Self:
        """Put a pipe in the place of standard error."""
        if os.isatty(2):
            sys.stderr.flush()
            self._kept = os.dup(2)
            self._read, write = os.pipe()
            for end in (self._read, write):
                os.set_blocking(end, False)  # a full pipe must stop nobody's work
            os.dup2(write, 2)
            os.close(write)
        return self

    def __exit__(self, *_: object) -> None:
        """Put standard error back and write what was held."""
        if self._read < 0:
            return
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        self.drain()
        os.dup2(self._kept, 2)
        with contextlib.suppress(OSError):
            os.write(2, b"".join([*self._lines, self._rest]))
        self._lines.clear()
        for number in (self._kept, self._read):
            os.close(number)
        self._read = -1

    def drain(self) -> None:
        """Take in what was written; the last lines are kept."""
        if self._read < 0:
            return
        with contextlib.suppress(BlockingIOError):
            while written := os.read(self._read, 65_536):
                *whole, self._rest = (self._rest + written).split(b"\n")
                self._rest = self._rest[-4096:]
                self._lines.extend(line + b"\n" for line in whole)
