"""Audio that only ffmpeg can decode, through a pipe.

ffmpeg writes Sun's AU with 32-bit floats: of the formats that need no seeking it has
the simplest header that tells rate and channels, 24 bytes and a comment. libsndfile
cannot read AU from a pipe, so the header is read here.

References
----------
https://pubs.opengroup.org/external/auformat.html
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import AudioError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_MAGIC = b".snd"
_FLOAT32 = 6
_MAX_OFFSET = 65_536  # bytes; ffmpeg's comment takes a few


class Ffmpeg:
    """The first audio track of a file, decoded by a child process.

    Parameters
    ----------
    path : Path

    Raises
    ------
    AudioError
        If ffmpeg is not installed or finds no audio in the file.
    """

    def __init__(self, path: Path) -> None:
        program = shutil.which("ffmpeg")
        if program is None:
            raise AudioError(
                f"{path} is no WAV, FLAC, Ogg, Opus, MP3, AU or AIFF, and other "
                "formats need ffmpeg, which is not installed: "
                "run 'sudo apt install ffmpeg'"
            )
        command = [program, "-nostdin", "-v", "quiet"]
        # A playlist must not make us fetch things from the network.
        command += ["-protocol_whitelist", "file", "-i", f"file:{path.absolute()}"]
        command += ["-map", "0:a:0", "-f", "au", "-c:a", "pcm_f32be", "pipe:1"]
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.rate, self.channels = self._read_header(path)
        except BaseException:
            self.close()
            raise

    def read(self, n: int) -> NDArray[np.float32]:
        """Return the next samples, shape (up to n, channels); none at the end."""
        data = self._read_bytes(n * self.channels * 4)
        whole = len(data) - len(data) % (self.channels * 4)
        samples = np.frombuffer(data[:whole], ">f4").astype(np.float32)
        return samples.reshape(-1, self.channels)

    def close(self) -> None:
        """End the child process, wherever it is."""
        self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()

    def _read_header(self, path: Path) -> tuple[int, int]:
        header = self._read_bytes(24)
        if len(header) < 24:  # noqa: PLR2004 - the size of the header, see above
            raise AudioError(
                f"{path} is no audio file, or is damaged: nothing in it can be decoded"
            )
        magic, offset, _, encoding, rate, channels = struct.unpack(">4s5I", header)
        well_formed = magic == _MAGIC and encoding == _FLOAT32 and channels > 0
        if not (well_formed and len(header) <= offset <= _MAX_OFFSET):
            raise AudioError(
                f"{path} cannot be read: ffmpeg answered with {header[:8]!r} instead "
                "of an AU header; update ffmpeg or convert the file to FLAC"
            )
        self._read_bytes(offset - len(header))
        return rate, channels

    def _read_bytes(self, n: int) -> bytes:
        return b"" if self._process.stdout is None else self._process.stdout.read(n)
