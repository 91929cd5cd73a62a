"""Whether a file is locked to a shop or a player (DRM), so that nobody can decode it.

References
----------
ISO/IEC 14496-12, "ISO base media file format": boxes and sample entries.
ISO/IEC 23001-7, "Common encryption": the entry ``enca``.
Microsoft, "Advanced Systems Format (ASF) Specification", 3.14 and 3.15.
"""

from __future__ import annotations

import os
import struct
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MP4 = frozenset([".m4a", ".m4b", ".m4p", ".mp4", ".aax"])
_ASF = frozenset([".wma", ".asf"])

_ENTRIES = {
    b"drms": "Apple FairPlay",
    b"enca": "common encryption",
    b"aavd": "Audible",
}
_OBJECTS = (
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),  # content encryption
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),  # extended content encryption
)
_ASF_HEADER = 1 << 16  # bytes; the objects come before the audio
_CONTAINERS = frozenset([b"moov", b"trak", b"mdia", b"minf", b"stbl"])
_DEEPEST = len(_CONTAINERS)


def protection(path: Path) -> str | None:
    """Return the name of the protection of a file; None if there is none or no file."""
    suffix = path.suffix.lower()
    try:
        if suffix in _MP4:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                names = (_ENTRIES.get(kind) for kind in _sample_entries(file, size))
                return next((name for name in names if name), None)
        if suffix in _ASF:
            with path.open("rb") as file:
                header = file.read(_ASF_HEADER)
            if any(guid in header for guid in _OBJECTS):
                return "Windows Media DRM"
    except (OSError, struct.error):
        pass  # whoever decodes it will say what is wrong
    return None


def _sample_entries(file: IO[bytes], end: int, depth: int = 0) -> Iterator[bytes]:
    """Yield the types of all sample entries between here and an end."""
    while (start := file.tell()) + 8 <= end and depth <= _DEEPEST:
        size, kind = struct.unpack(">I4s", file.read(8))
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
        stop = start + size if size else end  # 0: it reaches to the end
        if not file.tell() <= stop <= end:
            return
        if kind in _CONTAINERS:
            yield from _sample_entries(file, stop, depth + 1)
        elif kind == b"stsd":
            file.seek(8, os.SEEK_CUR)  # version, flags and count
            _, entry = struct.unpack(">I4s", file.read(8))
            yield entry
        file.seek(stop)
