"""One connection, against a real Mosquitto and the real embedded broker."""

from __future__ import annotations

import queue
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.home_assistant.home import wait
from tests.integration.broker import Broker, broker

from genre_daemon.errors import BrokerError, ConfigError
from genre_daemon.mqtt.broker import EmbeddedBroker
from genre_daemon.mqtt.connection import Connection, Will
from genre_daemon.mqtt.settings import MqttSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["broker"]

pytestmark = pytest.mark.service


class Peer:
    """A connection that remembers what it was told."""

    def __init__(
        self, settings: MqttSettings, name: str, *topics: str, will: Will | None = None
    ) -> None:
        self.messages: queue.Queue[tuple[str, str, bool]] = queue.Queue()
        self.states: queue.Queue[tuple[bool, str]] = queue.Queue()
        self.connection = Connection(
            settings,
            client_id=name,
            on_message=lambda topic, payload, retained: self.messages.put(
                (topic, payload.decode(), retained)
            ),
            on_state=lambda connected, reason: self.states.put((connected, reason)),
            subscriptions=topics,
            will=will,
        )

    def message(self) -> tuple[str, str, bool]:
        """Wait for the next message."""
        return self.messages.get(timeout=30)

    def state(self, *, connected: bool) -> str:
        """Wait until the connection is, or is not; return the reason."""
        while True:
            now, reason = self.states.get(timeout=30)
            if now is connected:
                break
        assert not connected or self.connection.wait_for_subscriptions(30)
        return reason


@contextmanager
def peer(
    settings: MqttSettings, name: str, *topics: str, will: Will | None = None
) -> Iterator[Peer]:
    """A peer that is started and stopped."""
    made = Peer(settings, name, *topics, will=will)
    made.connection.start()
    try:
        yield made
    finally:
        made.connection.stop()


def test_speaks_mqtt_5_and_carries_retained_messages(broker: Broker) -> None:
    settings = MqttSettings(port=broker.port)
    with peer(settings, "a") as a:
        assert a.state(connected=True) == "MQTT 5"
        delivered = a.connection.deliver("x/1", "hello", retain=True)
        assert delivered is not None
        wait(delivered)
        with peer(settings, "b", "x/#") as b:
            assert b.message() == ("x/1", "hello", True)


def test_a_dead_client_leaves_its_will_and_a_polite_one_its_farewell(
    broker: Broker,
) -> None:
    settings = MqttSettings(port=broker.port)
    with peer(settings, "watcher", "node/+") as watcher:
        watcher.state(connected=True)
        node = Peer(settings, "node", will=Will("node/availability", "offline"))
        node.connection.start()
        node.state(connected=True)
        # Cut the line without a word, as a power cut does.
        sock = node.connection._client.socket()
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_RDWR)
        assert watcher.message() == ("node/availability", "offline", False)
        node.state(connected=True)
        node.connection.stop(Will("node/availability", "gone"))
        assert watcher.message() == ("node/availability", "gone", False)


def test_comes_back_after_the_broker_was_away(broker: Broker) -> None:
    broker.stop()
    with peer(MqttSettings(port=broker.port), "a", "x/#") as a:
        assert "refused" in a.state(connected=False).lower()
        assert a.connection.publish("x/1", "lost") is False
        broker.start()
        a.state(connected=True)
        broker.restart()
        assert "connection lost" in a.state(connected=False)
        a.state(connected=True)
        a.connection.publish("x/1", "there")
        assert a.message() == ("x/1", "there", False)


def test_who_gives_no_name_is_told_to(broker: Broker) -> None:
    broker.configure("allow_anonymous false")
    broker.restart()
    with peer(MqttSettings(port=broker.port), "a") as a:
        assert a.state(connected=False) == (
            "it refuses us: Not authorized; set mqtt.username and mqtt.password_file"
        )


def test_embedded_broker_is_reached_with_3_1_1_known_or_found_out() -> None:
    with EmbeddedBroker(_free_port()) as embedded:
        known = MqttSettings(port=embedded.port, legacy=True)
        found_out = MqttSettings(port=embedded.port)
        with peer(known, "a", will=Will("x", "y")) as a, peer(found_out, "b") as b:
            assert a.state(connected=True) == "MQTT 3.1.1"
            assert b.state(connected=True) == "MQTT 3.1.1"


@pytest.mark.slow
def test_a_broker_that_falls_silent_on_mqtt_5_is_asked_again_in_3_1_1() -> None:
    # The embedded broker misreads an MQTT 5 will and waits for more.
    with (
        EmbeddedBroker(_free_port()) as embedded,
        peer(MqttSettings(port=embedded.port), "a", will=Will("x", "y")) as a,
    ):
        assert a.state(connected=False) == "it does not answer"
        assert a.state(connected=True) == "MQTT 3.1.1"


def test_embedded_broker_listens_on_loopback_only_and_passes_taken_ports() -> None:
    first = _free_port()
    with EmbeddedBroker(first) as one, EmbeddedBroker(first) as two:
        assert (one.port, two.port) == (first, two.port)
        assert two.port > first
        own = socket.gethostbyname(socket.gethostname())
        if not own.startswith("127."):
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((own, one.port), 1.0)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", first), 1.0)


def test_embedded_broker_says_when_no_port_is_free() -> None:
    first = _free_port()
    taken = []
    for port in range(first, first + 10):
        listener = socket.socket()
        listener.bind(("127.0.0.1", port))
        listener.listen()
        taken.append(listener)
    try:
        with pytest.raises(BrokerError, match="are all taken"):
            EmbeddedBroker(first).__enter__()
    finally:
        for listener in taken:
            listener.close()


def test_stops_at_once_even_while_the_broker_is_away() -> None:
    lonely = Peer(MqttSettings(port=_free_port()), "a")
    lonely.connection.start()
    lonely.state(connected=False)
    lonely.connection.stop()
    assert not lonely.connection._thread.is_alive()


def test_unusable_certificates_are_named(tmp_path: Path) -> None:
    bad = tmp_path / "ca.pem"
    bad.write_text("no certificate")
    with pytest.raises(ConfigError, match=r"cannot use .*ca.pem for TLS"):
        Peer(MqttSettings(tls=True, ca_file=bad), "a")


def _free_port() -> int:
    """A port from the middle of the range, with free ones after it."""
    for port in range(20_000, 30_000, 20):
        try:
            for offset in range(12):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return port
    pytest.fail("no free ports")
