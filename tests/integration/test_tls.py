"""TLS with a real Mosquitto: who is trusted, and what is said of who is not."""

from __future__ import annotations

import queue
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.broker import Broker, broker
from tests.integration.certificates import Authority, Certificate

from genre_daemon.mqtt.connection import Connection
from genre_daemon.mqtt.settings import MqttSettings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["broker"]

pytestmark = pytest.mark.service


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Who signs the broker's certificate, and ours."""
    return Authority(tmp_path, "authority")


@pytest.fixture
def settings(broker: Broker, authority: Authority) -> MqttSettings:
    """What a node needs to trust the broker."""
    return MqttSettings(port=broker.port, tls=True, ca_file=authority.own.file)


def present(broker: Broker, certificate: Certificate, *lines: str) -> None:
    """Have the broker speak TLS, with this certificate, and nothing else."""
    broker.configure(
        "allow_anonymous true",
        f"certfile {certificate.file}",
        f"keyfile {certificate.key}",
        *lines,
    )
    broker.restart()


def outcome(settings: MqttSettings) -> str:
    """Return how connecting ends: the first reason, or the protocol."""
    told: queue.Queue[str] = queue.Queue()

    def hear(_connected: bool, reason: str) -> None:  # noqa: FBT001 - as it is called
        told.put(reason)

    connection = Connection(
        settings, client_id="a", on_message=lambda *_: None, on_state=hear
    )
    connection.start()
    try:
        return told.get(timeout=30)
    finally:
        connection.stop()


def test_a_broker_of_a_known_authority_is_trusted(
    broker: Broker, authority: Authority, settings: MqttSettings
) -> None:
    present(broker, authority.sign("broker"))
    assert outcome(settings) == "MQTT 5"
    assert outcome(replace(settings, legacy=True)) == "MQTT 3.1.1"


def test_one_of_an_unknown_authority_is_not(
    broker: Broker, settings: MqttSettings, tmp_path: Path
) -> None:
    present(broker, Authority(tmp_path, "another").sign("broker"))
    unknown = (
        "its certificate is signed by nobody we trust; "
        "name the certificate of its authority in mqtt.ca_file"
    )
    assert outcome(settings) == unknown
    assert outcome(replace(settings, ca_file=None)) == unknown


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({"days": -1}, "its certificate has expired; renew it, or set the clock"),
        ({"hosts": "IP:127.0.0.2"}, "for another name; set mqtt.host to the name"),
        ({"hosts": "DNS:a.example"}, "for another name; set mqtt.host to the name"),
    ],
)
def test_expired_and_foreign_certificates_are_told_apart(
    broker: Broker,
    authority: Authority,
    settings: MqttSettings,
    made: dict[str, Any],
    reason: str,
) -> None:
    present(broker, authority.sign("broker", **made))
    assert reason in outcome(settings)


def test_a_certificate_that_the_broker_demands_is_shown(
    broker: Broker, authority: Authority, settings: MqttSettings, tmp_path: Path
) -> None:
    present(
        broker,
        authority.sign("broker"),
        "require_certificate true",
        f"cafile {authority.own.file}",
    )
    assert "Then set mqtt.cert_file and mqtt.key_file" in outcome(settings)
    own = authority.sign("node")
    with_own = replace(settings, cert_file=own.file, key_file=own.key)
    assert outcome(with_own) == "MQTT 5"
    stranger = Authority(tmp_path, "another").sign("stranger")
    with_wrong = replace(settings, cert_file=stranger.file, key_file=stranger.key)
    assert f"does it trust the certificate in {stranger.file}?" in outcome(with_wrong)


def test_tls_on_one_side_only_is_pointed_out(
    broker: Broker, authority: Authority, settings: MqttSettings
) -> None:
    assert "TLS" in outcome(settings)
    present(broker, authority.sign("broker"))
    assert "Then set mqtt.tls = true" in outcome(replace(settings, tls=False))
