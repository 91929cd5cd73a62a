"""The header of Sun's AU format, which ffmpeg puts in front of what it decodes.

Of the formats that need no seeking, AU with 32-bit floats has the simplest header that
tells rate and channels: 24 bytes and a comment. libsndfile cannot read AU from a
pipe, so the header is read here.

References
----------
https://pubs.opengroup.org/external/auformat.html
"""

from __future__ import annotations

import struct

HEADER_BYTES = 24
"""Length of the header without its comment."""

ENCODER = ("-f", "au", "-c:a", "pcm_f32be", "pipe:1")
"""Arguments that have ffmpeg write such a stream to its standard output."""

_MAGIC = b".snd"
_FLOAT32 = 6
_MAX_OFFSET = 65_536  # bytes; ffmpeg's comment takes a few


def parse_header(header: bytes) -> tuple[int, int, int]:
    """Return what a header says.

    Parameters
    ----------
    header : bytes, length ``HEADER_BYTES``

    Returns
    -------
    comment : int >= 0
        Bytes that follow before the first sample.
    rate : int
        Hertz.
    channels : int > 0

    Raises
    ------
    ValueError
        If it is no such header.
    """
    magic, offset, _, encoding, rate, channels = struct.unpack(">4s5I", header)
    well_formed = magic == _MAGIC and encoding == _FLOAT32 and channels > 0
    if not (well_formed and HEADER_BYTES <= offset <= _MAX_OFFSET):
        raise ValueError(
            f"ffmpeg answered with {header[:8]!r} instead of an AU header; "
            "update ffmpeg or convert the file to FLAC"
        )
    return offset - HEADER_BYTES, rate, channels
