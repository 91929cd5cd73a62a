"""EDGE: changes that no broker has confirmed, on disk for the next run.

While the broker is there the file is not: nothing is written. While it is away, each
change is one line. A thread of its own does the writing, so that a slow disk never
holds up the listener. Nothing is forced onto the medium: a killed daemon loses nothing,
a cut of the power the last seconds.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

from genre_daemon.node.journal import LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)

_MAX_BYTES = 1024 * 1024
_MAX_LINE = 1_024
_CLOSE_S = 0.3


class Shelf:
    """A small file of messages, one a line, oldest first.

    Parameters
    ----------
    path : Path or None
        None: nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._wanted = self._read()
        self._written: list[str] | None = None  # None: what is there is not known
        self._news = threading.Condition()
        self._dirty = self._closing = False
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="shelf", daemon=True)

    @property
    def kept(self) -> list[str]:
        """What is to be on disk; at first what an earlier run has left there."""
        return list(self._wanted)

    def start(self) -> None:
        """Begin to write, in the background."""
        self._thread.start()

    def keep(self, texts: Sequence[str]) -> None:
        """Have these messages, and no others, on disk soon; never waits for it."""
        if self._path is None or list(texts) == self._wanted:
            return
        with self._news:
            self._wanted = list(texts)
            self._dirty = True
            self._news.notify()

    def close(self) -> None:
        """Write what is still to be written, but do not wait for a disk that hangs."""
        with self._news:
            self._closing = True
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_S)

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._dirty or self._closing)
                if not self._dirty:
                    return
                wanted, self._dirty = self._wanted, False
            try:
                self._write(wanted)
            except OSError as error:
                self._written = None
                if str(error) != self._trouble:  # one line a change
                    self._trouble = str(error)
                    _log.warning("missed changes are kept in memory only: %s", error)
            else:
                self._written, self._trouble = wanted, ""

    def _write(self, texts: list[str]) -> None:
        assert self._path is not None  # noqa: S101 - or nothing would be wanted
        before = self._written
        if not texts:
            self._path.unlink(missing_ok=True)
        elif before and texts[: len(before)] == before:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(f"{text}\n" for text in texts[len(before) :])
        else:
            partial = self._path.with_name(self._path.name + ".part")
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
            partial.replace(self._path)

    def _read(self) -> list[str]:
        if self._path is None:
            return []
        try:
            with self._path.open("rb") as file:
                lines = file.read(_MAX_BYTES).decode(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            _log.warning("changes missed by the broker cannot be read: %s", error)
            return []
        return list(deque(filter(_is_message, lines), LIMIT))


def _is_message(line: str) -> bool:
    """Return whether a line is whole: the last one may have been cut short."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(message, dict) and len(line) <= _MAX_LINE
