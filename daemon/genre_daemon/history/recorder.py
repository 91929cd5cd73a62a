"""What was heard, kept on disk: written beside the loop, never in its way.

A verdict costs the loop a few microseconds; a thread of its own does the writing. If
the disk is full, slow or gone, segments wait in memory (a bounded number of them) and
are written when there is room again.

What is written, and when
-------------------------
A segment is one row, written once when it ends. One that lasts is also written while
it goes on, so that a cut of the power does not take a whole night of silence: after
1, 2, 4, 8 minutes, then every 15. In between it stands in memory (``historypulse``),
where a killed daemon finds it again, at most 10 seconds old. Where there is no such
place in memory, the row is written once a minute instead.

See Also
--------
genre_daemon.history.store : the rows
genre_daemon.history.runs : how verdicts become segments
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from typing import TYPE_CHECKING, Self

from genre_daemon.errors import GenreListenError
from genre_daemon.history.file import HistoryError, read_segments
from genre_daemon.history.pulse import Pulse
from genre_daemon.history.runs import PastSegment, Runs
from genre_daemon.history.store import MAX_BYTES, Store

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["History", "HistoryError", "PastSegment", "read_segments"]

logger = logging.getLogger(__name__)

DAYS = 400
"""Days after which segments are forgotten: a year, and last year's same month."""

_MAX_WAITING = 5_000
_TICK_S = 10.0
_FIRST_WRITE_S = 60.0
_LONGEST_UNWRITTEN_S = 900.0
_CLOSE_S = 1.5


class History:
    """The history of one node, as a context manager.

    Parameters
    ----------
    path : Path
        The SQLite file; made if it is not there, set aside if it is damaged.
    days : int > 0
        Age after which segments are deleted.
    node, model : str
        Written into every segment.
    max_bytes : int
        Size at which the oldest tenth of the segments is deleted.

    Notes
    -----
    Entering and :meth:`push` never raise and never wait for a disk. Leaving waits for
    the last write, but no longer than a second and a half.
    """

    def __init__(
        self,
        path: Path,
        *,
        days: int = DAYS,
        node: str = "",
        model: str = "",
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.path = path
        self.errors = 0
        """Writes that failed; their segments were kept for another try."""
        self.lost = 0
        """Segments given up because too many were waiting."""
        self._store = Store(path, days=days, max_bytes=max_bytes)
        self._pulse = Pulse(path)
        self._runs = Runs(node, model)
        self._wake = threading.Condition()  # guards all below; never held for a write
        self._waiting: deque[PastSegment] = deque()
        self._news = False
        self._closing = False
        self._trouble = ""
        self._written = (0.0, 0.0)  # start and end of the open segment's row
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)

    def __enter__(self) -> Self:
        """Begin to write, in the background."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the open segment and write what waits."""
        with self._wake:
            self._queue(self._runs.reset())
            self._closing = True
            self._wake.notify()
        self._thread.join(_CLOSE_S)
        if self._thread.is_alive():
            logger.warning("the history %s takes too long to close", self.path)

    @property
    def current(self) -> PastSegment | None:
        """The open segment, newer than what is on the disk; None before the first."""
        with self._wake:
            return self._runs.current

    def push(self, time: float, genre: str, confidence: float) -> None:
        """Take a verdict.

        Parameters
        ----------
        time : float
            Seconds since 1970 (UTC) at which it was reached; may jump either way.
        genre : str
            A label of the bundle, or one of ``messages.STATES``.
        confidence : float in [0, 1]
        """
        with self._wake:
            self._queue(self._runs.push(time, genre, confidence))

    def _queue(self, finished: PastSegment | None) -> None:
        """Let a segment wait to be written. The lock is held."""
        if finished is None:
            return
        if len(self._waiting) >= _MAX_WAITING:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(finished)
        self._news = True
        self._wake.notify()

    def _run(self) -> None:
        left_open = self._pulse.read()
        closing = False
        while not closing:
            with self._wake:
                self._wake.wait_for(lambda: self._news or self._closing, _TICK_S)
                self._news = False
                closing = self._closing
                finished, current = list(self._waiting), self._runs.current
            if self._attempt(left_open, finished, current):
                left_open = None
        self._store.close()

    def _attempt(
        self,
        left_open: PastSegment | None,
        finished: list[PastSegment],
        current: PastSegment | None,
    ) -> bool:
        """Write what is due; return whether that worked."""
        try:
            if left_open is not None:
                self._store.recover(left_open)
            in_memory = current is not None and self._pulse.write(current)
            due = current is not None and self._is_due(current, in_memory=in_memory)
            rows = [*finished, current] if current is not None and due else finished
            if rows:
                self._store.write(rows)
        except (sqlite3.Error, OSError, GenreListenError) as error:
            self._note_trouble(error)
            return False
        self._note_success(finished, rows)
        if current is None:
            self._pulse.clear()
        return True

    def _is_due(self, current: PastSegment, *, in_memory: bool) -> bool:
        """Return whether the open segment has grown enough to be written."""
        start_s, end_s = self._written
        if start_s != current.start_s:
            end_s = current.start_s
        step_s = _FIRST_WRITE_S
        if in_memory:
            so_far_s = end_s - current.start_s
            step_s = min(max(step_s, so_far_s), _LONGEST_UNWRITTEN_S)
        return current.end_s - end_s >= step_s

    def _note_trouble(self, error: Exception) -> None:
        self.errors += 1
        if str(error) != self._trouble:  # one line a change
            self._trouble = str(error)
            logger.warning(
                "the history cannot be written to %s (%s): listening goes on, and what "
                "is heard is kept in memory",
                self.path,
                error,
            )

    def _note_success(
        self, finished: list[PastSegment], rows: list[PastSegment]
    ) -> None:
        if rows:
            self._written = (rows[-1].start_s, rows[-1].end_s)
            if self._trouble:
                self._trouble = ""
                logger.info("the history is written to %s again", self.path)
        with self._wake:
            for segment in finished:
                # Some may have been given up meanwhile, from the same end.
                if self._waiting and self._waiting[0] is segment:
                    self._waiting.popleft()
