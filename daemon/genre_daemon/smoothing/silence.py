"""Whether there is anything to hear: a level decision with hysteresis."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genre_daemon.smoothing.settings import SmoothingSettings


class SilenceGate:
    """Silence begins after some quiet hops in a row, and ends with a louder one.

    Before the first hop nothing is known, and one quiet hop is enough.
    """

    def __init__(self, settings: SmoothingSettings) -> None:
        self._settings = settings
        self._quiet_hops = 0
        self._silent = False
        self._fresh = True

    def push(self, level_dbfs: float) -> bool:
        """Take the level of a hop and return whether there is silence."""
        settings = self._settings
        limit = settings.silence_dbfs
        if self._silent:
            limit += settings.silence_margin_db
        self._quiet_hops = self._quiet_hops + 1 if level_dbfs < limit else 0
        needed = 1 if self._silent or self._fresh else settings.silence_hops
        self._silent = self._quiet_hops >= needed
        self._fresh = False
        return self._silent

    def reset(self) -> None:
        """Forget everything, as when the source changes."""
        self._quiet_hops = 0
        self._silent = False
        self._fresh = True
