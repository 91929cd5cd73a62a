"""How long the machine slept.

Neither the sample clock nor ``CLOCK_MONOTONIC`` runs while a machine is suspended, and
the wall clock may be set by anybody at any time. ``CLOCK_BOOTTIME`` is monotonic and
goes on: how far it has moved away from the other is how long the machine slept.

References
----------
clock_getres(2)
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SHORTEST_S = 0.1  # the two clocks are not read at quite the same moment


def _boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Suspension:
    """Tells of each sleep of the machine once.

    Parameters
    ----------
    awake, always : callable, optional
        Seconds of a clock that stands still in a sleep, and of one that does not.
    """

    def __init__(
        self,
        awake: Callable[[], float] = time.monotonic,
        always: Callable[[], float] = _boottime,
    ) -> None:
        self._awake = awake
        self._always = always
        self._asleep_s = always() - awake()

    def slept_s(self) -> float:
        """Return the seconds slept since this was last asked."""
        asleep_s = self._always() - self._awake()
        slept_s = asleep_s - self._asleep_s
        if slept_s < _SHORTEST_S:
            return 0.0
        self._asleep_s = asleep_s
        return slept_s
