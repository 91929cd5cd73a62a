"""``docs/mosquitto.acl`` on a real Mosquitto: a node writes its own topics alone."""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from tests.home_assistant.home import wait
from tests.home_assistant.room import Room
from tests.integration.broker import Broker, broker

from genre_daemon.homeassistant.identity import Identity
from genre_daemon.homeassistant.leftovers import KINDS
from genre_daemon.mqtt.settings import MqttSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paho.mqtt.reasoncodes import ReasonCode

__all__ = ["broker"]

pytestmark = pytest.mark.service

ACL = Path(__file__).parents[2] / "docs" / "mosquitto.acl"
SECRET = "hunter2"  # noqa: S105 - the test's own
USERS = ("kitchen", "bath", "pi", "display", "homeassistant", "admin", "guest")


@pytest.fixture
def guarded(broker: Broker, tmp_path: Path) -> Broker:
    """A broker that knows these users and the file."""
    program = shutil.which("mosquitto_passwd")
    if program is None:
        pytest.skip("not installed: mosquitto_passwd (apt install mosquitto)")
    passwords = tmp_path / "passwords"
    passwords.touch()
    for user in USERS:
        subprocess.run([program, "-b", str(passwords), user, SECRET], check=True)
    for path in (passwords, tmp_path / "acl"):
        # What is only an example there is in force here.
        text = ACL.read_text().replace("\n# user ", "\nuser ")
        if path.name == "acl":
            path.write_text(text.replace("\n# topic ", "\ntopic "))
        path.chmod(0o600)
    broker.configure(
        "allow_anonymous false",
        f"password_file {passwords}",
        f"acl_file {tmp_path / 'acl'}",
    )
    broker.restart()
    return broker


class User:
    """Somebody with a password, who speaks MQTT 5 and hears how it was taken."""

    def __init__(self, broker: Broker, name: str, client_id: str = "") -> None:
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        self.client.username_pw_set(name, SECRET)
        self.heard: dict[str, str] = {}
        self._codes: dict[int, bool] = {}
        self.client.on_publish = self._handle_publish
        self.client.on_message = self._handle_message
        self._subscribed = threading.Event()
        self.client.on_connect = self._handle_connect
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.answer: ReasonCode | None = None
        self._port = broker.port

    def __enter__(self) -> Self:
        self.connect()
        wait(self._subscribed.is_set)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def connect(self) -> None:
        """Knock, and wait for the broker's answer."""
        self.client.connect("127.0.0.1", self._port)
        self.client.loop_start()
        wait(lambda: self.answer is not None)

    def may_write(self, topic: str) -> bool:
        """Return whether the broker takes a message."""
        mid = self.client.publish(topic, "x", 1).mid
        wait(lambda: mid in self._codes)
        return self._codes[mid]

    def _handle_connect(
        self,
        client: paho.Client,
        _data: object,
        _flags: object,
        code: ReasonCode,
        _properties: object,
    ) -> None:
        self.answer = code
        client.subscribe("#", 1)

    def _handle_publish(
        self,
        _client: paho.Client,
        _data: object,
        mid: int,
        code: ReasonCode,
        _properties: object,
    ) -> None:
        self._codes[mid] = not code.is_failure

    def _handle_message(
        self, _client: paho.Client, _data: object, message: paho.MQTTMessage
    ) -> None:
        self.heard[message.topic] = message.payload.decode()


@pytest.fixture
def home(guarded: Broker) -> Iterator[User]:
    """Home Assistant, which hears everything."""
    with User(guarded, "homeassistant") as user:
        yield user


def test_a_node_has_all_it_needs(guarded: Broker, home: User) -> None:
    settings = MqttSettings(port=guarded.port, username="kitchen", password=SECRET)
    with Room(settings, "kitchen") as room:
        room.hear("jazz")
        config = f"homeassistant/device/{Identity.of('kitchen').id}/config"
        topics = {f"genre-listen/kitchen/{kind}" for kind in KINDS}
        wait(lambda: {config, *topics} <= home.heard.keys())
        assert home.may_write("genre-listen/kitchen/set/threshold")
        home.client.publish("genre-listen/kitchen/set/listening", "off", 1)
        wait(lambda: home.heard["genre-listen/kitchen/listening"] == "off")
    wait(lambda: home.heard["genre-listen/kitchen/availability"] == "offline")


@pytest.mark.parametrize(
    ("user", "allowed", "refused"),
    [
        (
            "kitchen",
            ["genre-listen/kitchen/state", "genre-listen/daemon/kitchen/availability"],
            [
                "genre-listen/bath/state",
                "genre-listen/bath/set/listening",
                "genre-listen/daemon/bath/availability",
                "homeassistant/device/genre_listen_bath_01234567/config",
                "homeassistant/status",
                "lights/set",
            ],
        ),
        (
            "pi",
            ["genre-listen/kitchen/state", "genre-listen/bath/genre"],
            ["genre-listen/attic/state", "genre-listen/daemon/kitchen/availability"],
        ),
        (
            "display",
            ["genre-listen/bath/set/watch", "genre-listen/bath/get/history"],
            ["genre-listen/bath/set/listening", "genre-listen/bath/state"],
        ),
        (
            "homeassistant",
            ["genre-listen/bath/set/listening", "homeassistant/status"],
            ["genre-listen/bath/state"],
        ),
    ],
)
def test_each_may_write_what_is_its_own_and_nothing_else(
    guarded: Broker, user: str, allowed: list[str], refused: list[str]
) -> None:
    with User(guarded, user) as someone:
        assert [topic for topic in allowed if not someone.may_write(topic)] == []
        assert [topic for topic in refused if someone.may_write(topic)] == []


def test_nobody_can_leave_a_last_will_in_the_name_of_another(
    guarded: Broker, home: User
) -> None:
    # The broker has long noticed the death of the first when the second has died.
    for node in ("bath", "kitchen"):
        user = User(guarded, "kitchen")
        user.client.will_set(f"genre-listen/{node}/availability", "offline", 1, True)
        user.connect()
        sock = user.client.socket()
        assert sock is not None
        sock.close()
        user.client.loop_stop()
    wait(lambda: "genre-listen/kitchen/availability" in home.heard)
    assert "genre-listen/bath/availability" not in home.heard


def test_a_node_does_not_hear_what_others_hear(guarded: Broker) -> None:
    with User(guarded, "kitchen") as kitchen, User(guarded, "admin") as admin:
        for topic in ("genre-listen/bath/genre", "genre-listen/bath/availability"):
            assert admin.may_write(topic)
        wait(lambda: "genre-listen/bath/availability" in kitchen.heard)
        assert "genre-listen/bath/genre" not in kitchen.heard
