"""A recording at the speed at which it is heard, as if it played in the room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from genre_daemon.sources.audiofile import AudioFile
from genre_daemon.sources.pace import Pace
from genre_daemon.sources.source import Block, SourceEnded, SourceFinished

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_BLOCK_S = 0.25


class Playback:
    """An audio file in real time.

    Parameters
    ----------
    path : Path

    Raises
    ------
    AudioError
        At once, if the path leads to nothing that can be played.
    """

    overflows = 0
    live = False

    def __init__(self, path: Path) -> None:
        self._file = AudioFile(path)
        self._pace = Pace()
        self._left: NDArray[np.float32] = np.empty(0, np.float32)
        with self._file:  # refused now, not after everything else was started
            self.rate = self._file.rate
            """Hertz, of the file."""
        self.name = self._file.name
        """Name of the file, without its folder."""

    def __enter__(self) -> Self:
        """Open the file, to be played from its beginning."""
        self._file.__enter__()
        self._left = self._left[:0]
        self._pace.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the file."""
        self._file.__exit__(None, None, None)

    def read(self, timeout_s: float) -> Block | None:
        """Return the next quarter of a second once it has been played.

        Raises
        ------
        SourceFinished
            When all was played.
        AudioError
            If samples are no numbers, or absurd.
        """
        if not len(self._left):
            try:
                self._left = self._file.read().samples
            except SourceEnded as error:
                raise SourceFinished(str(error)) from error
        n = min(round(_BLOCK_S * self.rate), len(self._left))
        if not self._pace.wait(n / self.rate, timeout_s):
            return None
        samples, self._left = self._left[:n], self._left[n:]
        return Block(samples)
