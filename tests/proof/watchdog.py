"""The part of systemd that restarts a daemon which gives no more signs of life.

A sound library may hang for good in a call to a server that was frozen. No program can
mend that from within; the service is restarted then, as
``systemd/genre-listen.service`` has it.
"""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

WATCHDOG_S = 60.0
"""``WatchdogSec`` of the service."""

_LONGEST = 4096
_POLL_S = 0.5


class Watchdog:
    """Listens for signs of life, as a context manager.

    Parameters
    ----------
    path : Path
        Socket to make: the daemon's ``NOTIFY_SOCKET``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stopping = threading.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(_POLL_S)
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self.reset()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._socket.close()

    def reset(self) -> None:
        """Begin to wait anew, as after a start."""
        self._fed = time.monotonic()

    @property
    def expired(self) -> bool:
        """Whether the last sign of life is longer ago than a service may take."""
        return time.monotonic() - self._fed > WATCHDOG_S

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                told = self._socket.recv(_LONGEST)
            except TimeoutError:
                continue
            if b"WATCHDOG=1" in told.split(b"\n"):
                self.reset()
