"""PCM on standard input, as a source: ``parec ... | genre-daemon run --source -``."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Self

from genre_daemon.errors import AudioError
from genre_daemon.sources.pace import Pace
from genre_daemon.sources.pcm import PcmFormat, PcmReader
from genre_daemon.sources.source import Block, SourceFinished

if TYPE_CHECKING:
    from types import TracebackType

_BLOCK_S = 0.25  # seconds worth waking up for
# A hair faster than real time: a writer whose clock is fast must not be held up.
_SPEED = 1.01
_LATE_S = 0.1  # or it would wake up for every crumb that such a writer is behind


class Stdin:
    """What another program writes, heard no faster than it would be played.

    Parameters
    ----------
    pcm : PcmFormat
    descriptor : int
        By default that of standard input. It is left open.

    Notes
    -----
    A writer that pauses is waited for; one that closes its end ends the source for
    good. So a file may be piped in, too.
    """

    name = "standard input"
    overflows = 0
    live = True

    def __init__(self, pcm: PcmFormat, descriptor: int = 0) -> None:
        self._pcm = pcm
        self._descriptor = descriptor
        self._reader = PcmReader(descriptor, pcm)
        self._pace = Pace(_SPEED, _LATE_S)

    @property
    def rate(self) -> int:
        """Hertz, as configured: the samples do not tell."""
        return self._pcm.rate

    def __enter__(self) -> Self:
        """Begin to read."""
        if os.isatty(self._descriptor):
            raise AudioError(
                "standard input is a terminal: pipe PCM into it, as in "
                "'parec --format=s16le --rate=44100 --channels=1 | "
                "genre-daemon run --source -'"
            )
        self._pace.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop reading."""

    def read(self, timeout_s: float) -> Block | None:
        """Return up to a quarter of a second of what was written.

        Raises
        ------
        SourceFinished
            When the writer has closed its end.
        """
        until = time.monotonic() + timeout_s
        if not self._pace.wait(_BLOCK_S, timeout_s):
            return None
        left_s = max(0.0, until - time.monotonic())
        try:
            samples = self._reader.read(round(_BLOCK_S * self.rate), left_s)
        except EOFError:
            raise SourceFinished(f"{self.name} is over") from None
        return Block(samples) if len(samples) else None
