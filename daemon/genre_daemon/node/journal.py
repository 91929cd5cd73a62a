"""Genre changes that the broker has not confirmed, kept to be told later.

A change is written down before it is sent and struck out once the broker has
acknowledged it. What is left when a connection begins was missed and is told again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Delivered = Callable[[], bool]

LIMIT = 256
"""Changes kept at most; the oldest are let go."""


@dataclass
class _Entry:
    text: str
    delivered: Delivered | None = None

    @property
    def waiting(self) -> bool:
        return self.delivered is None or not self.delivered()


class Journal:
    """A bounded list of messages, oldest first.

    Parameters
    ----------
    limit : int > 0
        Messages kept at most.
    waiting : iterable of str
        Messages from an earlier run, oldest first.
    """

    def __init__(self, limit: int = LIMIT, waiting: Iterable[str] = ()) -> None:
        self._entries = deque((_Entry(text) for text in waiting), limit)
        self.lost = 0
        """Messages let go for want of room since the last replay."""

    @property
    def waiting(self) -> list[str]:
        """Messages that no broker has confirmed, oldest first."""
        self._strike_out()
        return [entry.text for entry in self._entries]

    def add(self, text: str, delivered: Delivered | None) -> None:
        """Write down a message.

        Parameters
        ----------
        text : str
        delivered : callable or None
            Tells whether the broker has it by now; None if it could not be sent.
        """
        self._strike_out()
        if len(self._entries) == self._entries.maxlen:
            self.lost += 1
        self._entries.append(_Entry(text, delivered))

    def replay(self, send: Callable[[str], Delivered | None]) -> int:
        """Send what is waiting, oldest first, until it cannot be sent.

        Parameters
        ----------
        send : callable
            Returns what ``add`` takes as ``delivered``.

        Returns
        -------
        int
            Number of messages sent; they stay until they are confirmed.
        """
        self._strike_out()
        self.lost = 0
        sent = 0
        for entry in self._entries:
            entry.delivered = send(entry.text)
            if entry.delivered is None:
                break
            sent += 1
        return sent

    def _strike_out(self) -> None:
        kept = [entry for entry in self._entries if entry.waiting]
        self._entries.clear()
        self._entries.extend(kept)
