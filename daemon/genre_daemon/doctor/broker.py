"""Whether the broker lets us in, and passes on what we say."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from genre_daemon.doctor import certificate
from genre_daemon.doctor.finding import Finding, note, problem, well
from genre_daemon.homeassistant.identity import Identity
from genre_daemon.mqtt.broker import EmbeddedBroker
from genre_daemon.mqtt.connection import Connection
from genre_daemon.mqtt.settings import MqttSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genre_daemon.config import Config

CHECK = "broker"

_CONNECT_S = 12.0  # an attempt with MQTT 5, and one with 3.1.1
_ECHO_S = 5.0
_REMEDIES = {
    "refused": "is it running, and are mqtt.host and mqtt.port right?",
    "answer": "is that an MQTT broker, and does it want mqtt.tls?",
    "": "check mqtt.host, mqtt.port and the network",
}
"""For reasons that do not say themselves what to do."""


def check(config: Config) -> Iterator[Finding]:
    """Connect as the daemon does, and say something to ourselves."""
    topic = f"{config.base_topic}/{config.node}/doctor/{secrets.token_hex(4)}"
    client_id = f"{Identity.of(config.node).id}_doctor"
    if config.mqtt is None:
        with EmbeddedBroker() as broker:
            settings = replace(MqttSettings(), port=broker.port, legacy=True)
            yield _converse(settings, client_id, topic, "embedded, as none is set: ")
        return
    yield _converse(config.mqtt, client_id, topic)
    if config.mqtt.tls:
        yield from certificate.check(config.mqtt)
    elif config.mqtt.password:
        yield note(
            certificate.CHECK,
            "the password travels in the clear",
            "set mqtt.tls = true if the broker can",
        )


def _converse(
    settings: MqttSettings, client_id: str, topic: str, kind: str = ""
) -> Finding:
    """Send a message to a topic of our own and wait for it to come back."""
    echoed = threading.Event()
    tried = threading.Event()
    told = {"reason": "it does not answer"}

    def hear(_connected: bool, reason: str) -> None:  # noqa: FBT001 - as Connection calls
        told["reason"] = reason
        tried.set()

    connection = Connection(
        settings,
        client_id=client_id,
        on_message=lambda *_: echoed.set(),
        on_state=hear,
        subscriptions=[topic],
    )
    place = f"{kind}{settings.address}"
    connection.start()
    try:
        tried.wait(_CONNECT_S)
        if not connection.wait(0.5):
            reason, remedy = _with_remedy(told["reason"])
            return problem(CHECK, f"{place}: {reason}", remedy)
        protocol = told["reason"]
        connection.wait_for_subscriptions(_ECHO_S)
        connection.publish(topic, "hello", qos=1)
        if not echoed.wait(_ECHO_S):
            return problem(
                CHECK,
                f"{place} lets us in, but a message to {topic} did not come back",
                "allow this user to read and write "
                f"{topic.rsplit('/', 2)[0]}/# in the broker's access list",
            )
    finally:
        connection.stop()
    return well(CHECK, f"{place} ({protocol}): a message came back")


def _with_remedy(told: str) -> tuple[str, str]:
    """Split a reason of ``mqtt.trouble`` into what happened and what to do."""
    reason, _, remedy = told.partition("; ")
    return reason, remedy or next(r for word, r in _REMEDIES.items() if word in reason)
