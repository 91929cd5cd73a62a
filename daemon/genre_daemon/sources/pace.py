"""Recorded audio at the speed at which it is heard."""

from __future__ import annotations

import time


class Pace:
    """Holds blocks back until they would have been played.

    Parameters
    ----------
    speed : float > 0
        1 is real time.
    late_s : float >= 0
        Further behind, it pauses instead of rushing to catch up.
    """

    def __init__(self, speed: float = 1.0, late_s: float = 1.0) -> None:
        self._speed = speed
        self._late_s = late_s
        self.start()

    def start(self) -> None:
        """Begin to play now."""
        self._due_s = time.monotonic()

    def wait(self, length_s: float, timeout_s: float) -> bool:
        """Sleep until a block has been played; False if that takes too long.

        Parameters
        ----------
        length_s : float >= 0
            Seconds of audio in the block.
        timeout_s : float >= 0
            Seconds to sleep at most; the block is then asked for again.
        """
        now = time.monotonic()
        due_s = max(self._due_s, now - self._late_s) + length_s / self._speed
        time.sleep(max(0.0, min(due_s - now, timeout_s)))
        if due_s - now > timeout_s:
            return False
        self._due_s = due_s
        return True
