"""The built-in demo: a source for when there is no microphone.

The code plays the music itself, note by note: no recording is shipped. What the
daemon says of it is its own judgement, as of any other sound.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

import numpy as np

from genre_daemon.sources import styles
from genre_daemon.sources.pace import Pace
from genre_daemon.sources.source import Block
from genre_daemon.sources.synth import RATE

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

SILENCE_S = 4.0
"""Seconds between two pieces."""

_BLOCK = RATE // 4
_HUSH = 1e-4  # a quiet room, not a dead wire: about -80 dBFS


class Demo:
    """Pieces of 20 s in different styles, round and round, always the same.

    Parameters
    ----------
    paced : bool, optional
        False gives blocks as fast as they are asked for.
    """

    name = "built-in demo"
    rate = RATE
    overflows = 0
    live = False

    def __init__(self, *, paced: bool = True) -> None:
        self._pace = Pace() if paced else None

    def __enter__(self) -> Self:
        """Start from the first piece."""
        self._renderer = ThreadPoolExecutor(1, thread_name_prefix="demo")
        self._place = -1
        self._next = self._prepare(0)
        self._left: NDArray[np.float32] = np.empty(0, np.float32)
        self._turn_over()
        if self._pace is not None:
            self._pace.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop playing."""
        self._renderer.shutdown(wait=True, cancel_futures=True)

    def read(self, timeout_s: float) -> Block | None:
        """Return the next quarter of a second once it has been played."""
        if not self._left.size:
            self._turn_over()
        length_s = min(_BLOCK, self._left.size) / RATE
        if self._pace is not None and not self._pace.wait(length_s, timeout_s):
            return None
        samples, self._left = self._left[:_BLOCK], self._left[_BLOCK:]
        return Block(samples)

    def _turn_over(self) -> None:
        """Take the piece that was prepared, and have the next one prepared."""
        self._left = self._next.result()
        self._place += 1
        self._next = self._prepare(self._place + 1)

    def _prepare(self, place: int) -> Future[NDArray[np.float32]]:
        return self._renderer.submit(_piece_and_silence, place)


def _piece_and_silence(place: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(place)
    room = rng.standard_normal(round(SILENCE_S * RATE)).astype(np.float32)
    return np.concatenate((styles.render(place), np.float32(_HUSH) * room))
