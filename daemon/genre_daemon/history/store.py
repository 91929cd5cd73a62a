"""The writing side of a history: one row a segment, bounded by age and by size.

What a wall clock can do to a record, and what is done about it: a span of time that a
node has already accounted for is never accounted for twice. A clock that is set back
therefore costs the time it repeats, deletes nothing, and blocks nothing but that time.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from genre_daemon.history.file import connect, is_corrupt, milliseconds, move_aside
from genre_daemon.history.runs import free_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from genre_daemon.history.runs import PastSegment

MAX_BYTES = 32 * 1024 * 1024
"""Size at which the oldest tenth of the segments is given up."""

_DAY_MS = 86_400_000
_TAKEN = """
SELECT start_ms, end_ms FROM segments
WHERE node = :node AND end_ms > :start AND start_ms < :end AND start_ms >= ifnull(
    (SELECT max(start_ms) FROM segments WHERE node = :node AND start_ms <= :start),
    :start)
ORDER BY start_ms
"""


class Store:
    """The writing side of a history file; use it from one thread.

    Parameters
    ----------
    path : Path
        Made on first use, with the folders above it.
    days : int
        Age after which segments are deleted.
    max_bytes : int
        Size at which the oldest tenth of the segments is deleted.

    Notes
    -----
    Every method raises ``sqlite3.Error``, ``OSError`` or ``HistoryError`` where
    the file cannot be used; the next call tries again from the beginning.
    """

    def __init__(self, path: Path, *, days: int, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._days = days
        self._max_bytes = max_bytes
        self._connection: sqlite3.Connection | None = None
        self._pruned_day = -1
        # The rows of the segment that was written last: it may still grow.
        self._last: tuple[str, float, str] | None = None
        self._rows: list[int] = []

    def write(self, segments: Sequence[PastSegment]) -> None:
        """Write segments, all or none; one that is there and has grown is replaced."""
        last, rows = self._last, self._rows
        with self._transaction() as connection:
            for segment in segments:
                key = (segment.node, segment.start_s, segment.genre)
                if key == last:
                    connection.executemany(
                        "DELETE FROM segments WHERE node = ? AND start_ms = ?",
                        [(segment.node, start) for start in rows],
                    )
                last, rows = key, _insert(connection, segment)
            if segments:
                self._prune(connection, milliseconds(segments[-1].end_s))
        self._last, self._rows = last, rows

    def recover(self, segment: PastSegment) -> None:
        """Write a segment of which an earlier process wrote the beginning."""
        key = (segment.node, milliseconds(segment.start_s), segment.genre)
        with self._transaction() as connection:
            found = connection.execute(
                "SELECT end_ms FROM segments "
                "WHERE node = ? AND start_ms = ? AND genre = ?",
                key,
            ).fetchone()
        if found is None or found[0] < milliseconds(segment.end_s):
            self._last = (segment.node, segment.start_s, segment.genre)
            self._rows = [] if found is None else [key[1]]
            self.write([segment])

    def close(self) -> None:
        """Close the file; a later call opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._connection = self._connection or self._open()
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
        except (sqlite3.Error, OSError) as error:
            with contextlib.suppress(sqlite3.Error):
                self.close()
            if is_corrupt(error):
                move_aside(self.path, error)
            raise

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return connect(self.path)
        except sqlite3.DatabaseError as error:
            if not is_corrupt(error):
                raise
            move_aside(self.path, error)
        return connect(self.path)

    def _prune(self, connection: sqlite3.Connection, now_ms: int) -> None:
        day = now_ms // _DAY_MS
        if day != self._pruned_day:
            self._pruned_day = day
            oldest_ms = now_ms - self._days * _DAY_MS
            connection.execute("DELETE FROM segments WHERE end_ms < ?", (oldest_ms,))
        pages, unused, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - unused) * size > self._max_bytes:
            connection.execute(
                "DELETE FROM segments WHERE start_ms <= (SELECT start_ms FROM segments "
                "ORDER BY start_ms LIMIT 1 "
                "OFFSET (SELECT count(*) / 10 FROM segments))"
            )


def _insert(connection: sqlite3.Connection, segment: PastSegment) -> list[int]:
    """Write what is free of a segment; return the starts of its rows."""
    start, end = milliseconds(segment.start_s), milliseconds(segment.end_s)
    span = {"node": segment.node, "start": start, "end": end}
    pieces = free_pieces(start, end, connection.execute(_TAKEN, span).fetchall())
    about = (segment.genre, round(segment.confidence, 4), segment.model)
    connection.executemany(
        "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?)",
        [(segment.node, *piece, *about) for piece in pieces],
    )
    return [piece[0] for piece in pieces]
