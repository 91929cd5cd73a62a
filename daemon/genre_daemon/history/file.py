"""The file that holds a history: made, checked, read, and set aside when damaged.

Conventions
-----------
Inside the file times are whole milliseconds since 1970 (UTC), outside seconds.

References
----------
https://www.sqlite.org/wal.html (what survives a crash, and who may read meanwhile)
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from typing import TYPE_CHECKING

from genre_daemon.errors import GenreListenError
from genre_daemon.history.runs import PastSegment

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

_APPLICATION_ID = 0x676E7265  # "gnre", so that no other program's file is touched
_VERSION = 1
_FOREVER_S = 1e12  # some 30 000 years
_SCHEMA = """
CREATE TABLE segments (
    node TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL CHECK (end_ms > start_ms),
    genre TEXT NOT NULL,
    confidence REAL NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (node, start_ms)
) WITHOUT ROWID
"""
_READ = """
SELECT start_ms, end_ms, genre, confidence, model, node FROM segments
WHERE end_ms > :start AND start_ms < :end AND (:node IS NULL OR node = :node)
ORDER BY start_ms DESC LIMIT :limit
"""


class HistoryError(GenreListenError):
    """A history that is not there or cannot be read."""


class _Damaged(sqlite3.DatabaseError):
    """SQLite's own check found a fault."""


def read_segments(
    path: Path,
    start_s: float,
    end_s: float,
    *,
    node: str | None = None,
    limit: int = -1,
) -> list[PastSegment]:
    """Return the segments that touch a span of time, oldest first.

    Parameters
    ----------
    path : Path
        A history file; its daemon may be running.
    start_s, end_s : float
        Seconds since 1970 (UTC).
    node : str, optional
        By default all nodes in the file.
    limit : int, optional
        The newest so many; by default all.

    Raises
    ------
    HistoryError
        If there is no such file, or it is no history.
    """
    wanted = {
        "start": milliseconds(start_s),
        "end": milliseconds(end_s),
        "node": node,
        "limit": limit,
    }
    try:
        with contextlib.closing(_open_to_read(path)) as connection:
            rows = []
            if not _is_blank(connection):
                rows = connection.execute(_READ, wanted).fetchall()
    except sqlite3.Error as error:
        raise HistoryError(f"{path} cannot be read as a history: {error}") from error
    return [PastSegment(row[0] / 1000, row[1] / 1000, *row[2:]) for row in rows[::-1]]


def _is_blank(connection: sqlite3.Connection) -> bool:
    """Return whether there is nothing in the file, not even a table.

    The daemon was killed right after it had made it, or is about to go on.
    """
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not tables


def _open_to_read(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise HistoryError(
            f"there is no history at {path}: has genre-daemon been listening?"
        )
    uri = path.resolve().as_uri() + "?mode=ro"
    if not path.with_name(path.name + "-wal").exists():
        # Nobody writes: without this, a folder one may not write to is an obstacle.
        uri += "&immutable=1"
    return sqlite3.connect(uri, uri=True, timeout=2.0)


def connect(path: Path) -> sqlite3.Connection:
    """Open a history for writing, made if it is not there.

    Raises
    ------
    HistoryError
        If the file belongs to another program or version.
    sqlite3.Error, OSError
        If it is damaged (see :func:`is_corrupt`), locked, or there is no room.
    """
    connection = sqlite3.connect(path, timeout=5.0, isolation_level=None)
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def is_corrupt(error: Exception) -> bool:
    """Return whether an error means that the file itself is damaged."""
    if isinstance(error, _Damaged):
        return True
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what extends it
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def move_aside(path: Path, error: Exception) -> None:
    """Keep one damaged file for whoever wants to look, and make room for a new one."""
    aside = path.with_name(path.name + ".damaged")
    logger.warning(
        "the history %s is damaged (%s): moved to %s, a new one begins",
        path,
        error,
        aside,
    )
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    path.replace(aside)


def milliseconds(seconds: float) -> int:
    """Return a time as it stands in the file, within what SQLite can hold."""
    return round(min(max(seconds, -_FOREVER_S), _FOREVER_S) * 1000)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    # One row a segment needs no more than a few pages; the check below would fill
    # the 2 MB that SQLite otherwise keeps.
    connection.execute("PRAGMA cache_size = -128")  # kB, by the sign
    (ours,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and (ours, version) != (_APPLICATION_ID, _VERSION):
        raise HistoryError(
            f"{path} is no history of this version (application {ours:#x}, version "
            f"{version}): move it away, or set history.path to another file"
        )
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise _Damaged(verdict)
    connection.execute("PRAGMA journal_mode = WAL")
    # A Raspberry Pi is switched off at the wall: what was written shall be there.
    # One write a segment makes that cheap.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 64")
    connection.execute("PRAGMA journal_size_limit = 1048576")
    if not tables:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute(_SCHEMA)
