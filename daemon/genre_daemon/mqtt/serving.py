"""What the embedded broker does on its thread: aMQTT in an event loop.

Apart from ``broker``, because to import it is slow and takes memory.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from amqtt.broker import Broker

from genre_daemon.errors import BrokerError

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPBACK = "127.0.0.1"
_PORTS_TRIED = 10


def run(first_port: int, ready: Callable[[int, Callable[[], object]], None]) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    first_port : int
        First port to try; the next free one of ten is taken.
    ready : callable(port, stop)
        Called once it listens; ``stop()`` ends it, from any thread, and raises
        RuntimeError where it has ended already.

    Raises
    ------
    BrokerError
        If no port is free.
    """
    asyncio.run(_serve(first_port, ready))


async def _serve(
    first_port: int, ready: Callable[[int, Callable[[], object]], None]
) -> None:
    # Its own chatter is of no use to the owner of a listener.
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    port = await _free_port(first_port)
    broker = Broker(_configuration(port))
    await broker.start()
    ready(port, lambda: loop.call_soon_threadsafe(stopping.set))
    await stopping.wait()
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
