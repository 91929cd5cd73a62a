"""The embedded MQTT broker: for a first try, and for a home that has no other.

It listens on loopback only and is MQTT 3.1.1 (aMQTT). A home with more than one
room wants Mosquitto.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from genre_daemon.errors import BrokerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_log = logging.getLogger(__name__)

_START_TIMEOUT_S = 10.0


class EmbeddedBroker:
    """A broker on a thread of its own, as a context manager.

    Parameters
    ----------
    port : int
        First port to try; the next free one of ten is taken.

    Raises
    ------
    BrokerError
        On entry, if no port is free or the broker does not start.
    """

    def __init__(self, port: int = 1883) -> None:
        self._first_port = port
        self.port = 0
        """The port it listens on, once entered."""
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._stop: Callable[[], object] = lambda: None
        self._thread = threading.Thread(
            target=self._run, name="mqtt-broker", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(_START_TIMEOUT_S):
            raise BrokerError("the embedded MQTT broker did not start in 10 s")
        if self._failure is not None:
            raise BrokerError(
                f"the embedded MQTT broker cannot start: {self._failure}"
            ) from self._failure
        if self.port != self._first_port:
            _log.info("port %d is taken, using %d", self._first_port, self.port)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(RuntimeError):  # it may have ended on its own just now
            self._stop()
        self._thread.join(_START_TIMEOUT_S)

    def _run(self) -> None:
        try:
            # With asyncio and aMQTT it takes seconds and megabytes, which a home that
            # has a broker is spared.
            from genre_daemon.mqtt import serving  # noqa: PLC0415

            serving.run(self._first_port, self._note_ready)
        except Exception as error:  # noqa: BLE001 - told by __enter__
            self._failure = error
        finally:
            self._ready.set()

    def _note_ready(self, port: int, stop: Callable[[], object]) -> None:
        self.port = port
        self._stop = stop
        self._ready.set()
