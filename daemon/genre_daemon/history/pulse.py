"""How far the open segment has come, kept where writing wears out nothing.

A daemon that is killed cannot close its segment. Writing its end to the disk every
few seconds would save it, and would be just the steady wear that a memory card is to
be spared. So the open segment stands in a file under ``/run``, which is memory: it
outlives the process, not the machine.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, fields
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from genre_daemon.history.runs import PastSegment

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_BYTES = 4_096
_FOREVER_S = 1e11


class Pulse:
    """The open segment of one history, in memory.

    Parameters
    ----------
    history : Path
        The file whose open segment this is.
    environ : mapping, optional
        Variables; by default those of this process.
    """

    def __init__(self, history: Path, environ: Mapping[str, str] | None = None) -> None:
        folder = _memory(os.environ if environ is None else environ)
        name = sha256(os.fsencode(history.absolute())).hexdigest()[:16]
        self._path = folder / f"genre-listen-{name}.json" if folder else None

    def read(self) -> PastSegment | None:
        """Return the segment that an earlier process left open, if any."""
        if self._path is None:
            return None
        try:
            with self._path.open("rb") as file:
                values = json.loads(file.read(_MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            return None
        return _parse(values)

    def write(self, segment: PastSegment) -> bool:
        """Keep a segment in place of the last; return whether that could be done."""
        if self._path is None:
            return False
        beside = self._path.with_suffix(".new")
        try:
            beside.write_text(json.dumps(asdict(segment)), encoding="utf-8")
            beside.replace(self._path)
        except OSError:
            return False
        return True

    def clear(self) -> None:
        """Forget it: the segment was closed."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


def _memory(environ: Mapping[str, str]) -> Path | None:
    """Return a folder of our own that is in memory; systemd makes both of these."""
    for variable in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        folder = Path(environ.get(variable, "").partition(":")[0])
        if folder.is_absolute() and os.access(folder, os.W_OK):
            return folder
    return None


def _parse(values: object) -> PastSegment | None:
    names = {field.name for field in fields(PastSegment)}
    if not (isinstance(values, dict) and set(values) == names):
        return None
    for name, value in values.items():
        kind = float if name in ("start_s", "end_s", "confidence") else str
        if type(value) is not kind:
            return None
    segment = PastSegment(**values)
    sane = 0 < segment.start_s < segment.end_s < _FOREVER_S
    return segment if sane and 0 <= segment.confidence <= 1 else None
