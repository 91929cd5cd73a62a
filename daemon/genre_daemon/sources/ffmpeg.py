"""Files that only ffmpeg can decode, through a pipe: see the module ``au``."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import AudioError
from genre_daemon.sources.au import ENCODER, HEADER_BYTES, parse_header

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


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
        command += ["-map", "0:a:0", *ENCODER]
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
        header = self._read_bytes(HEADER_BYTES)
        if len(header) < HEADER_BYTES:
            raise AudioError(
                f"{path} is no audio file, or is damaged: nothing in it can be decoded"
            )
        try:
            comment, rate, channels = parse_header(header)
        except ValueError as error:
            raise AudioError(f"{path} cannot be read: {error}") from error
        self._read_bytes(comment)
        return rate, channels

    def _read_bytes(self, n: int) -> bytes:
        return b"" if self._process.stdout is None else self._process.stdout.read(n)
