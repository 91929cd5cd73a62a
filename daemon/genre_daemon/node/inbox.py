"""What others send to a node: sorted, checked, and passed to who can do it.

Whoever may write to the broker may send anything. What is none of the few commands is
named in the log and changes nothing.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from genre_daemon.node.commands import NAMES, Command, parse_command

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

_REFUSALS_S = 10.0  # seconds between two log lines, or a flood would fill the disk


class Inbox:
    """The topics under a node that it listens to.

    Parameters
    ----------
    root : str
        Topic of the node.
    on_command : callable(Command)
    on_query : callable(payload), optional
        Takes a request for the history.
    """

    def __init__(
        self,
        root: str,
        on_command: Callable[[Command], None],
        on_query: Callable[[bytes], None] | None = None,
    ) -> None:
        self._root = root
        self._on_command = on_command
        self._on_query = on_query
        self._refused_at = float("-inf")

    @property
    def subscriptions(self) -> list[str]:
        """Topics whose messages are to be passed to :meth:`receive`."""
        commands = [f"{self._root}/set/{name}" for name in NAMES]
        queries = [f"{self._root}/get/history"] if self._on_query else []
        return commands + queries

    def receive(self, topic: str, payload: bytes, *, retained: bool) -> bool:
        """Take a message; return whether it was addressed to the node."""
        verb, _, name = topic.removeprefix(f"{self._root}/").partition("/")
        if not topic.startswith(f"{self._root}/") or verb not in ("set", "get"):
            return False
        try:
            if retained:
                # It would be obeyed again at every start, years from now.
                raise ValueError(f"{topic} is retained: send it without that flag")  # noqa: TRY301
            if verb == "set":
                self._on_command(parse_command(name, payload))
            elif name == "history" and self._on_query is not None:
                self._on_query(payload)
        except ValueError as error:
            self._refuse(error)
        return True

    def _refuse(self, error: ValueError) -> None:
        now = time.monotonic()
        if now - self._refused_at >= _REFUSALS_S:
            self._refused_at = now
            _log.warning("ignoring a command: %.300s", error)
