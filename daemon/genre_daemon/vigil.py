"""Whether all listeners are well, as the service manager is to know it.

Conventions
-----------
A sign of life is a fresh verdict, or having just been told by a source that there is
nothing to hear. The watchdog is fed once every listener has given one since it was fed
last, so that one that hangs is not covered up by those that do not. To start again
would not help a sound system that hangs, and would disturb the others: while some are
well, the word that it does not answer counts as a sign, too.

Ready is a daemon all of whose listeners have given a sign, and one a verdict.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genre_daemon.notify import Notifier

_LONGEST_STATUS = 400


class Vigil:
    """Speaks to the service manager for all listeners; any thread may call.

    Parameters
    ----------
    notifier : Notifier
    """

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._lock = threading.Lock()
        self._said: dict[str, str] = {}
        self._due: set[str] = set()  # have given no sign since the watchdog was fed
        self._well = False  # one that has, was well
        self._heard = False

    def watch(self, names: Iterable[str]) -> None:
        """Watch over these listeners, and no others any more."""
        with self._lock:
            self._said = {name: self._said.get(name, "starting") for name in names}
            self._due = set(self._said)
            self._well = False

    def fresh_verdict(self, name: str, status: str) -> None:
        """Take note that audio flows and was judged.

        Parameters
        ----------
        name : str
            Of the listener.
        status : str
            What is heard.
        """
        with self._lock:
            self._heard = True
            self._note(name, status, well=True)

    def waiting(self, name: str, status: str) -> None:
        """Take note that there is nothing to hear, as was just made sure."""
        with self._lock:
            self._note(name, status, well=True)

    def unanswered(self, name: str, status: str) -> None:
        """Take note that it cannot be told whether there is anything to hear."""
        with self._lock:
            self._note(name, status, well=False)

    def _note(self, name: str, status: str, *, well: bool) -> None:
        if name not in self._said:
            return  # it is not watched over any more
        self._said[name] = status
        self._due.discard(name)
        self._well |= well
        if self._due or not self._well:
            self._notifier.status(self._status())
            return
        self._due = set(self._said)
        self._well = False
        tell = self._notifier.fresh_verdict if self._heard else self._notifier.waiting
        tell(self._status())

    def _status(self) -> str:
        if len(self._said) == 1:
            return next(iter(self._said.values()))
        text = "; ".join(f"{name}: {said}" for name, said in self._said.items())
        return text if len(text) <= _LONGEST_STATUS else text[:_LONGEST_STATUS] + "..."
