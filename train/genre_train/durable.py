"""Files that are whole or not there at all, even when the power fails.

A file is written beside its place, forced onto the disk and then renamed, which
POSIX does in one step. A *sealed* file also ends with the SHA-256 of all that is
before it, so that what something else damaged is noticed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import uuid
from typing import IO, TYPE_CHECKING

from genre_daemon.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTIAL = ".part"
"""Suffix of a file that is still being written, or whose writer was killed."""

SEAL_BYTES = hashlib.sha256().digest_size

_CHUNK = 1 << 20


def require_place(path: Path, suffix: str) -> None:
    """Check, before hours of work, that a file can be written at the end.

    Raises
    ------
    ConfigError
        If it is to be of another kind, or there is no such folder.
    """
    if path.suffix != suffix or not path.parent.is_dir():
        article = "an" if suffix == ".npz" else "a"
        raise ConfigError(
            f"--out must name {article} {suffix} file in a folder that is there, "
            f"got {path}"
        )


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write a file, replacing what was there in one step once all is written.

    Any number of processes, on any machines that share the disk, may write the same
    file at once: each writes its own, and the last one stays.

    Yields
    ------
    file
        Open for reading and writing. If the block raises, nothing changes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not by tempfile, whose files nobody else may read, on a shared disk either.
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PARTIAL}")
    try:
        with partial.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


@contextlib.contextmanager
def sealing(path: Path) -> Iterator[IO[bytes]]:
    """Write a sealed file, as :func:`replacing` does."""
    with replacing(path) as file:
        yield file
        file.flush()
        file.seek(0)
        seal = _hash(file, os.fstat(file.fileno()).st_size)
        file.seek(0, os.SEEK_END)
        file.write(seal)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[bool]:
    """Make a folder and hold it against other processes on this machine.

    Whoever is killed holds nothing any more.

    Yields
    ------
    bool
        False if another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def is_sealed(path: Path) -> bool:
    """Whether a file is there, whole, and as it was written."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size - SEAL_BYTES
            return size >= 0 and _hash(file, size) == file.read()
    except OSError:
        return False


def _hash(file: IO[bytes], size: int) -> bytes:
    """Hash so many bytes from where the file stands."""
    hashed = hashlib.sha256()
    while size:
        chunk = file.read(min(size, _CHUNK))
        if not chunk:
            break
        hashed.update(chunk)
        size -= len(chunk)
    return hashed.digest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
