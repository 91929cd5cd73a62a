"""Genre changes that the broker has not confirmed, kept to be told later.

A change is written down before it is sent and struck out once the broker has
acknowledged it. What a connection leaves unconfirmed was missed, and is told again on
the next one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Delivered = Callable[[], bool]

LIMIT = 1_000
"""Changes kept at most, the oldest are let go: a change every second of 16 minutes."""


@dataclass
class _Entry:
    text: str
    delivered: Delivered | None = None
    """None: the broker has missed it."""


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
        if self._is_full():
            self._strike_out()
        if self._is_full():
            self.lost += 1
        self._entries.append(_Entry(text, delivered))

    def disconnect(self) -> None:
        """End a connection: what it has left unconfirmed was missed."""
        self._strike_out()
        for entry in self._entries:
            entry.delivered = None

    def replay(self, send: Callable[[str], Delivered | None]) -> int:
        """Send what was missed, oldest first, until it cannot be sent.

        Parameters
        ----------
        send : callable
            Returns what ``add`` takes as ``delivered``.

        Returns
        -------
        int
            Number of messages sent; they stay until they are confirmed.
        """
        self.lost = 0
        sent = 0
        for entry in self._entries:
            if entry.delivered is not None:
                continue  # on its way on this very connection
            entry.delivered = send(entry.text)
            if entry.delivered is None:
                break
            sent += 1
        return sent

    def _is_full(self) -> bool:
        return len(self._entries) == self._entries.maxlen

    def _strike_out(self) -> None:
        kept = []
        in_doubt = False
        for entry in self._entries:
            # A broker confirms in order: behind the first in doubt, all are.
            if entry.delivered is not None and not in_doubt:
                in_doubt = not entry.delivered()
            if entry.delivered is None or in_doubt:
                kept.append(entry)
        if len(kept) != len(self._entries):
            self._entries.clear()
            self._entries.extend(kept)
