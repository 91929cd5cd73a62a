"""A network stream (Icecast, HLS, RTSP) as a source, decoded by ffmpeg.

The address may hold a password, and everybody on the machine can read a command
line. So ffmpeg is told the address through a pipe, as a playlist of one entry.

References
----------
https://ffmpeg.org/ffmpeg-formats.html#concat-1
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from typing import Self

from genre_daemon.errors import AudioError
from genre_daemon.sources.address import public_name
from genre_daemon.sources.au import ENCODER, HEADER_BYTES, parse_header
from genre_daemon.sources.pace import Pace
from genre_daemon.sources.pcm import PcmFormat, PcmReader, read_available
from genre_daemon.sources.source import STALL_S, Block, SourceEnded

# What a stream may lead to; "file" is not among them, nor anything local.
_PROTOCOLS = "pipe,http,https,tcp,tls,udp,rtp,rtsp,crypto"
_CONNECT_S = 10.0  # for the server to answer and ffmpeg to learn what it sends
_BLOCK_S = 0.25  # seconds worth waking up for
# A hair faster than real time. At once, what a station sends ahead would be heard as
# a burst of hops; at our own time, a station whose clock is fast would pile up.
_SPEED = 1.01
_GOODBYE_S = 0.5  # between the end of the samples and that of ffmpeg
_ERROR_BYTES = 4_096
_MAX_CHANNELS = 64


class Stream:
    """Audio from a URL.

    Parameters
    ----------
    url : str
        Of a scheme in ``address.SCHEMES``.

    Notes
    -----
    It can be entered again after it has ended. Entering raises ``AudioError`` where
    ffmpeg is not installed; whether the server answers shows when it is read.
    """

    overflows = 0
    live = True

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = public_name(url)
        """The address without password and query."""
        self.rate = 0
        """Hertz, of the stream; known once the first block has come."""
        self._pace = Pace(_SPEED)
        self._reader: PcmReader | None = None

    def __enter__(self) -> Self:
        """Begin to connect."""
        self._reader = None
        self._decoder = _Decoder(self._url)
        self._heard_s = time.monotonic()
        return self

    def __exit__(self, *_exception: object) -> None:
        """End ffmpeg, and with it the connection."""
        self._decoder.close()

    def read(self, timeout_s: float) -> Block | None:
        """Return the next quarter of a second once it has been played.

        Raises
        ------
        SourceEnded
            If the server refuses, ends the stream, or sends nothing for ``STALL_S``.
        AudioError
            If what it sends cannot be used.
        """
        until = time.monotonic() + timeout_s
        try:
            if self._reader is None:
                self._reader = self._connect(timeout_s)
            if self._reader is None:
                self._bear(_CONNECT_S, "does not answer")
                return None
            if not self._pace.wait(_BLOCK_S, max(0.0, until - time.monotonic())):
                self._heard_s = time.monotonic()  # it was not even asked
                return None
            left_s = max(0.0, until - time.monotonic())
            samples = self._reader.read(round(_BLOCK_S * self.rate), left_s)
        except EOFError:
            reason = self._decoder.last_words()
            raise SourceEnded(f"the stream {self.name} ended{reason}") from None
        self._decoder.drain()
        if not len(samples):
            self._bear(STALL_S, "has sent nothing")
            return None
        self._heard_s = time.monotonic()
        return Block(samples)

    def _connect(self, timeout_s: float) -> PcmReader | None:
        """Return a reader once it is known how to read."""
        try:
            found = self._decoder.read_header(timeout_s)
        except ValueError as error:
            raise AudioError(f"{self.name} cannot be heard: {error}") from error
        if found is None:
            return None
        self.rate, channels = found
        if channels > _MAX_CHANNELS:
            raise AudioError(
                f"the stream {self.name} has {channels} channels: "
                f"at most {_MAX_CHANNELS} are accepted"
            )
        self._heard_s = time.monotonic()
        self._pace.start()
        return PcmReader(self._decoder.output, PcmFormat(self.rate, channels, "f32be"))

    def _bear(self, patience_s: float, what: str) -> None:
        """Bear with a silent server for a while, and then no longer."""
        if time.monotonic() - self._heard_s >= patience_s:
            raise SourceEnded(
                f"the stream {self.name} {what} for {patience_s:g} s: "
                "is the network up?"
            )


class _Decoder:
    """One ffmpeg at work on one URL."""

    def __init__(self, url: str) -> None:
        program = shutil.which("ffmpeg")
        if program is None:
            raise AudioError(
                "streams need ffmpeg, which is not installed: "
                "run 'sudo apt install ffmpeg'"
            )
        command = [program, "-v", "error", "-protocol_whitelist", _PROTOCOLS]
        command += ["-f", "concat", "-safe", "0", "-i", "pipe:0", "-map", "0:a:0"]
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
            [*command, *ENCODER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        pipes = self._process.stdin, self._process.stdout, self._process.stderr
        playlist, output, errors = pipes
        assert playlist and output and errors  # noqa: S101, PT018 - all are pipes
        self.output = output.fileno()
        """Where the samples come from."""
        self._errors = errors.fileno()
        os.set_blocking(self._errors, False)
        self._words = b""
        self._header = b""
        self._header_bytes = HEADER_BYTES
        with suppress(BrokenPipeError), playlist:  # it may have gone: that is read
            playlist.write(_playlist(url).encode())

    def read_header(self, timeout_s: float) -> tuple[int, int] | None:
        """Read on; return rate and channels once they are known."""
        missing = self._header_bytes - len(self._header)
        self._header += read_available(self.output, missing, timeout_s)
        if len(self._header) < HEADER_BYTES:
            return None
        comment, rate, channels = parse_header(self._header[:HEADER_BYTES])
        self._header_bytes = HEADER_BYTES + comment
        whole = len(self._header) == self._header_bytes
        return (rate, channels) if whole else None

    def drain(self) -> None:
        """Take what ffmpeg complains of, or it would wait for somebody to do so."""
        with suppress(BlockingIOError):
            while more := os.read(self._errors, _ERROR_BYTES):
                self._words = (self._words + more)[-_ERROR_BYTES:]

    def last_words(self) -> str:
        """Return why it ended, without the address that may be among the words."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GOODBYE_S)
        self.drain()
        lines = self._words.decode(errors="replace").strip().splitlines()
        words = public_name(lines[-1]).rpartition(": ")[2] if lines else ""
        return f": {words[:200]}" if words and words.isprintable() else ""

    def close(self) -> None:
        """End it, wherever it is."""
        with self._process as process:
            process.kill()


def _playlist(url: str) -> str:
    quoted = url.replace("'", "'\\''")  # as a shell would have it
    lines = ["ffconcat version 1.0", f"file '{quoted}'"]
    if url.lower().startswith("rtsp"):
        # A camera would send datagrams, and nobody learns of those that Wi-Fi loses:
        # frames would span the gaps. ffmpeg falls back to them where it must.
        lines.append("option rtsp_flags prefer_tcp")
    return "\n".join([*lines, ""])
