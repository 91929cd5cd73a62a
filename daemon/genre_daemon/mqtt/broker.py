"""The embedded MQTT broker: for a first try, and for a home that has no other.

It listens on loopback only and is MQTT 3.1.1 (aMQTT). A home with more than one
room wants Mosquitto.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from genre_daemon.errors import BrokerError

if TYPE_CHECKING:
    from types import TracebackType

_log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
_START_TIMEOUT_S = 10.0
_PORTS_TRIED = 10


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
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
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
        if self._loop is not None and self._stop is not None:
            # The loop may have ended on its own just now.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_START_TIMEOUT_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - told by __enter__
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        # Slow to import, and not needed where a broker is configured.
        from amqtt.broker import Broker  # noqa: PLC0415

        # Its own chatter is of no use to the owner of a listener.
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        logging.getLogger("transitions").setLevel(logging.CRITICAL)
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self.port = await _free_port(self._first_port)
        broker = Broker(_configuration(self.port))
        await broker.start()
        self._ready.set()
        await self._stop.wait()
        await broker.shutdown()


def _configuration(port: int) -> dict[str, object]:
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"{LOOPBACK}:{port}"}},
        "plugins": {
            "amqtt.plugins.authentication.AnonymousAuthPlugin": {
                "allow_anonymous": True
            }
        },
    }


async def _free_port(first: int) -> int:
    """Return the first port of ten that nobody listens on."""
    for port in range(first, first + _PORTS_TRIED):
        try:
            server = await asyncio.start_server(lambda *_: None, LOOPBACK, port)
        except OSError:
            continue
        server.close()
        await server.wait_closed()
        return port
    raise BrokerError(
        f"ports {first} to {first + _PORTS_TRIED - 1} on {LOOPBACK} are all taken: "
        "stop a program, or set [mqtt] host to use an existing broker"
    )
