"""EDGE: genre changes, told at once on ``…/event``, or later on ``…/history``.

Later is when the broker was away: 15 seconds after it is back, so that others are back
as well. Until the broker has confirmed a change, it is remembered, over a restart too.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from genre_daemon.node.journal import Journal
from genre_daemon.node.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from genre_daemon.node.journal import Delivered

_log = logging.getLogger(__name__)

_REPLAY_S = 15.0  # that others get to come back to a broker that was away


class Changes:
    """Every change of a node, told once.

    Parameters
    ----------
    root : str
        Topic of the node.
    deliver : callable(topic, payload)
        Sends a message; returns what tells whether it has arrived, None if it could not
        be sent.
    path : Path or None
        File for those that wait while the broker is away; None: memory alone.
    """

    def __init__(
        self,
        root: str,
        deliver: Callable[[str, str], Delivered | None],
        path: Path | None,
    ) -> None:
        self._root = root
        self._deliver = deliver
        self._lock = threading.Lock()  # hops, connections and the timer have threads
        self._shelf = Shelf(path)
        self._journal = Journal(waiting=self._shelf.kept)
        self._replaying = threading.Timer(0.0, self._replay)

    @property
    def waiting(self) -> list[str]:
        """Changes that no broker has confirmed, oldest first."""
        with self._lock:
            return self._journal.waiting

    def start(self) -> None:
        """Begin to write down what waits."""
        self._shelf.start()

    def stop(self) -> None:
        """Leave what waits to the next run."""
        self._replaying.cancel()
        self._shelf.keep(self.waiting)
        self._shelf.close()

    def push(self, event: str) -> None:
        """Take the event of a hop, empty where nothing has changed."""
        with self._lock:
            # What the broker has not confirmed within a hop may stay so for long.
            late = self._journal.waiting
            if event:
                delivered = self._deliver(f"{self._root}/event", event)
                self._journal.add(event, delivered)
                if delivered is None:
                    late.append(event)
            self._shelf.keep(late)

    def disconnected(self) -> None:
        """End a connection: what it has left unconfirmed was missed."""
        with self._lock:
            self._journal.disconnect()

    def connected(self) -> None:
        """Begin a connection, and soon tell what was missed."""
        with self._lock:
            self._replaying.cancel()
            self._replaying = threading.Timer(_REPLAY_S, self._replay)
            self._replaying.daemon = True
            self._replaying.start()

    def _replay(self) -> None:
        with self._lock:
            if lost := self._journal.lost:
                _log.warning("%d changes without a broker were too many to keep", lost)
            topic = f"{self._root}/history"
            self._journal.replay(lambda text: self._deliver(topic, text))
