"""Whether the history can be written, and for how long."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from typing import TYPE_CHECKING

from genre_daemon.doctor.finding import Finding, note, problem, well
from genre_daemon.history.file import connect, is_corrupt
from genre_daemon.history.places import history_path
from genre_daemon.history.store import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from genre_daemon.config import Config

CHECK = "history"

_FULL_BYTES = 1024 * 1024
_ENOUGH_BYTES = 2 * MAX_BYTES  # the file, and SQLite's journal of it
_ELSEWHERE = "give this user the folder, or set history.path to another place"


def check(config: Config) -> Iterator[Finding]:
    """Try to write where the histories are, or will be."""
    if not config.history:
        yield well(CHECK, "not kept, as configured")
        return
    for source in config.sources:
        yield _examine(config.history_path or history_path(source.node))


def _examine(path: Path) -> Finding:
    try:
        state = _try_file(path) if path.exists() else _try_folder(path)
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or error
        return problem(CHECK, f"{path} cannot be written: {reason}", _ELSEWHERE)
    except sqlite3.DatabaseError as error:
        if not is_corrupt(error):
            raise
        return note(
            CHECK,
            f"{path} is damaged ({error})",
            "the daemon will set it aside and begin a new one",
        )
    return judge_space(shutil.disk_usage(_existing(path)).free, f"{path} {state}")


def judge_space(free_bytes: int, found: str) -> Finding:
    """Return what the room on the disk means."""
    free = f"{found}, {free_bytes / 1e6:.0f} MB free"
    if free_bytes < _FULL_BYTES:
        return problem(CHECK, free, "make room on that disk")
    if free_bytes < _ENOUGH_BYTES:
        return note(CHECK, free, f"a history grows to {MAX_BYTES / 1e6:.0f} MB")
    return well(CHECK, free)


def _try_file(path: Path) -> str:
    """Open an existing history the way the daemon does, and change nothing."""
    with closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        (count,) = connection.execute("SELECT count(*) FROM segments").fetchone()
        connection.execute("ROLLBACK")
    return f"can be written ({count} segments)"


def _try_folder(path: Path) -> str:
    """Write a file beside the place, gone again at once."""
    with tempfile.TemporaryFile(dir=_existing(path)) as probe:
        probe.write(b"\0" * 4096)
        probe.flush()
    return "can be made"


def _existing(path: Path) -> Path:
    """Return the folder that is there already, or would have to be."""
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
