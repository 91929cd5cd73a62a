"""Samples from one thread to another, in memory that is allocated once.

One writer (the audio callback) and one reader. Each side moves only its own counter
and moves it last, after the samples are in place or copied out; the interpreter
makes the move of one integer indivisible. So neither side ever waits for the other.

What does not fit is dropped and counted: the writer must never wait, and what is in
the ring belongs to the reader. The place of a loss is marked, so that the reader
learns of it exactly between the two samples that no longer belong together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

_MARKS = 64  # losses that can be in the ring at a time; more would be noise anyway


class Ring:
    """A ring of ``capacity`` samples of ``channels`` values each.

    Parameters
    ----------
    capacity : int > 0
        Samples a channel.
    channels : int > 0
    dtype : dtype, optional
        By default float32.
    """

    def __init__(
        self, capacity: int, channels: int, dtype: DTypeLike = np.float32
    ) -> None:
        self._data = np.zeros((capacity, channels), dtype)
        self._mark_at = np.zeros(_MARKS, np.int64)
        self._mark_lost = np.zeros(_MARKS, np.int64)
        self._written = 0  # these four only grow; the writer owns the first two
        self._marked = 0
        self._taken = 0
        self._unmarked = 0
        self._pending = 0  # samples lost since the last one that was written

    @property
    def written(self) -> int:
        """Samples a channel written since the beginning; grows while audio flows."""
        return self._written

    @property
    def available(self) -> int:
        """Samples a channel that wait to be read."""
        return self._written - self._taken

    @property
    def losses(self) -> int:
        """How often samples were lost since the beginning."""
        return self._marked + (self._pending > 0)

    def write(self, block: NDArray[np.generic], lost: int = 0) -> None:
        """Append a block, or drop it as a whole if it does not fit. Never waits.

        Parameters
        ----------
        block : ndarray, shape (n, channels), the ring's dtype
        lost : int >= 0
            Samples a channel known to be lost just before the block.
        """
        n = len(block)
        self._pending += lost
        capacity = len(self._data)
        no_room = n > capacity - self.available
        no_mark = self._pending > 0 and self._marked - self._unmarked == _MARKS
        if no_room or no_mark:
            self._pending += n
            return
        if not n:
            return
        start = self._written % capacity
        first = min(n, capacity - start)
        self._data[start : start + first] = block[:first]
        self._data[: n - first] = block[first:]
        if self._pending:
            slot = self._marked % _MARKS
            self._mark_at[slot] = self._written
            self._mark_lost[slot] = self._pending
            self._pending = 0
            self._marked += 1
        self._written += n

    def read(self, most: int) -> tuple[NDArray[np.generic], int]:
        """Take what is there, up to ``most`` samples or the next loss.

        Parameters
        ----------
        most : int > 0

        Returns
        -------
        samples : ndarray, shape (n, channels), n from 0 to ``most``
            A copy, oldest first.
        lost : int >= 0
            Samples a channel that were lost just before these.
        """
        stop = min(self._written, self._taken + most)
        lost = 0
        while self._unmarked < self._marked:
            slot = self._unmarked % _MARKS
            mark = int(self._mark_at[slot])
            if mark > self._taken:
                stop = min(stop, mark)
                break
            if stop == self._taken:  # marked, but its samples are still on their way
                break
            lost = int(self._mark_lost[slot])
            self._unmarked += 1
        start, n = self._taken % len(self._data), stop - self._taken
        before_the_end = self._data[start : start + n]
        samples = np.concatenate(
            (before_the_end, self._data[: n - len(before_the_end)])
        )
        self._taken = stop
        return samples, lost
