"""genre-daemon run beside a broker that hangs, or behind a network that loses."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.broker import Broker, broker
from tests.integration.daemons import daemon
from tests.integration.subscriber import Subscriber
from tests.integration.wire import FAR, Wire

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["broker"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

PREDICTIONS = {"GENRE_LISTEN_MQTT_PREDICTIONS": "true"}


def sequences(home: Subscriber, count: int) -> list[int]:
    """Return the numbers of the next predictions."""
    return [home.json_on("room/prediction")["sequence"] for _ in range(count)]


def telemetry(home: Subscriber) -> dict[str, Any]:
    """Return the figures of the next hop."""
    home.publish("genre-listen/room/set/watch", "60")
    return home.json_on("room/telemetry")


def flags(host: str, broker: Broker) -> tuple[str, ...]:
    """Flags of a daemon that plays its demo to a broker."""
    return (
        *("--host", host, "--port", str(broker.port)),
        *("--device", "demo", "--name", "room"),
    )


def test_no_hop_is_lost_while_the_broker_hangs_and_sigterm_still_ends_it(
    broker: Broker,
) -> None:
    with (
        daemon(*flags("127.0.0.1", broker), environ=PREDICTIONS) as process,
        Subscriber(broker.port) as home,
    ):
        (first,) = sequences(home, 1)
        broker.freeze()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        broker.thaw()
        assert sequences(home, 5) == list(range(first + 1, first + 6))
        assert telemetry(home)["dropped_hops"] == 0
        broker.freeze()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        broker.thaw()


def test_no_hop_is_lost_behind_a_network_that_loses_packets(
    broker: Broker, tmp_path: Path
) -> None:
    socket = tmp_path / "s"
    with Wire(loss=0.15, delay_s=0.1) as wire:
        broker.stop()
        # At the far end of the wire; a socket in the file system has no network.
        broker.configure("allow_anonymous true", address=FAR, local=socket)
        broker.start(inside=wire.far)
        with (
            Subscriber(broker.port, socket=socket) as home,
            daemon(*flags(FAR, broker), environ=PREDICTIONS, inside=wire.near),
        ):
            heard = sequences(home, 6)
            assert telemetry(home)["dropped_hops"] == 0
        assert wire.lost > 0
    assert heard == list(range(heard[0], heard[0] + 6))
