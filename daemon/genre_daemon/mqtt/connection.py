"""One MQTT connection that heals itself.

MQTT 5 is tried first, 3.1.1 where the broker knows no better. Nothing here blocks a
caller and nothing is queued for an absent broker: who publishes sends its state again
when the connection is back.

References
----------
OASIS, MQTT Version 5.0, 2019, and MQTT Version 3.1.1, 2014.
"""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from genre_daemon.mqtt.outbox import Outbox
from genre_daemon.mqtt.settings import tls_context
from genre_daemon.mqtt.trouble import NO_ANSWER, describe, hang_up, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from genre_daemon.mqtt.settings import MqttSettings

_log = logging.getLogger(__name__)

_KEEPALIVE_S = 30
_CONNECT_TIMEOUT_S = 5.0
_ANSWER_TIMEOUT_S = 5.0  # some old brokers fall silent on an MQTT 5 greeting
# Together less than the 2 s within which the daemon must be gone.
_FAREWELL_TIMEOUT_S = 0.8
_STOP_TIMEOUT_S = 0.7
_LONGEST_WAIT_S = 60.0

_V5, _V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311


class _Outcome(Enum):
    """How an attempt to connect ended."""

    UNREACHABLE = auto()
    HUNG_UP = auto()
    TOO_NEW = auto()
    REFUSED = auto()
    SERVED = auto()


@dataclass(frozen=True)
class Will:
    """What the broker publishes, retained, when the connection dies."""

    topic: str
    payload: str


class Connection:
    """A client that connects in the background and stays connected.

    Parameters
    ----------
    settings : MqttSettings
    client_id : str
        Two clients of one broker must not share it.
    on_message : callable(topic, payload, retained)
        Called on the connection's thread.
    on_state : callable(connected, reason)
        Called on the connection's thread after every attempt and at every loss; the
        reason is one of ``trouble``, or the protocol that is spoken.
    subscriptions : sequence of str
        Topic filters, subscribed with QoS 1 at every connection.
    will : Will, optional

    Raises
    ------
    ConfigError
        If a certificate or key cannot be used.
    """

    def __init__(  # noqa: PLR0913 - the callbacks belong to one another
        self,
        settings: MqttSettings,
        *,
        client_id: str,
        on_message: Callable[[str, bytes, bool], None],
        on_state: Callable[[bool, str], None],
        subscriptions: Sequence[str] = (),
        will: Will | None = None,
    ) -> None:
        self._settings = settings
        self._client_id = client_id
        self._on_message = on_message
        self._on_state = on_state
        self._subscriptions = tuple(subscriptions)
        self._will = will
        self._tls = tls_context(settings) if settings.tls else None
        self._protocol = _V311 if settings.legacy else _V5
        self._answered = threading.Event()
        self._ended = threading.Event()
        self._outcome = _Outcome.UNREACHABLE
        self._connected = threading.Event()
        self._subscribed = threading.Event()
        self._stopping = threading.Event()
        self._client = self._new_client()
        self._outbox = Outbox(self._client)
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and not gone since."""
        return self._connected.is_set()

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the connection; return whether there is one."""
        return self._connected.wait(timeout_s)

    def wait_for_subscriptions(self, timeout_s: float) -> bool:
        """Wait until the broker has confirmed them; only then does it pass them on."""
        return self._subscribed.wait(timeout_s)

    def publish(
        self, topic: str, payload: str, *, qos: int = 0, retain: bool = False
    ) -> bool:
        """Send a message; return False, sending nothing, where no broker takes it."""
        return self.connected and self._outbox.publish(
            topic, payload, qos=qos, retain=retain
        )

    def deliver(
        self, topic: str, payload: str, *, retain: bool = False
    ) -> Callable[[], bool] | None:
        """Send a message with QoS 1 and keep track of it.

        Returns
        -------
        callable or None
            Tells whether the broker has it by now; None if nothing was sent.
        """
        if not self.connected:
            return None
        return self._outbox.deliver(topic, payload, retain=retain)

    def stop(self, farewell: Will | None = None) -> None:
        """Send a last retained message, disconnect, and join the thread.

        A polite disconnect makes the broker drop the will, hence the farewell.
        """
        self._stopping.set()
        if self.connected:
            if farewell is not None:
                self._outbox.part(farewell.topic, farewell.payload, _FAREWELL_TIMEOUT_S)
            self._client.disconnect()
        self._answered.set()
        self._ended.set()
        if self._thread.is_alive():
            # An attempt to connect cannot be cut short; it ends with the process.
            self._thread.join(_STOP_TIMEOUT_S)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            outcome = self._attempt()
            failures = 1 if outcome is _Outcome.SERVED else failures + 1
            if outcome is _Outcome.TOO_NEW and self._protocol == _V5:
                self._protocol = _V311
                continue
            if outcome is _Outcome.HUNG_UP:
                # Brokers older than MQTT 5 may hang up on it without a word.
                self._protocol = _V311 if self._protocol == _V5 else _V5
            # Jitter, so that a house full of nodes does not knock all at once.
            longest_s = min(_LONGEST_WAIT_S, 2.0 ** min(failures, 10)) / 2
            self._stopping.wait(random.uniform(0.5, 1.0) * longest_s)  # noqa: S311

    def _attempt(self) -> _Outcome:
        """Connect, and serve until the connection ends."""
        self._outcome = _Outcome.HUNG_UP
        self._answered.clear()
        self._ended.clear()
        self._client = self._new_client()
        self._outbox = Outbox(self._client)
        try:
            self._client.connect(self._settings.host, self._settings.port, _KEEPALIVE_S)
        except (OSError, ValueError) as error:
            self._on_state(False, describe(error))
            return _Outcome.UNREACHABLE
        # paho's own thread, because only then does publish() leave writing to it.
        self._client.loop_start()
        if self._answered.wait(_ANSWER_TIMEOUT_S):
            self._ended.wait()
            hung_up = self._outcome is _Outcome.HUNG_UP and not self._stopping.is_set()
            if hung_up and self._protocol == _V311:
                self._on_state(False, hang_up(self._settings))
        else:
            self._on_state(False, NO_ANSWER)
        self._client.disconnect()
        self._client.loop_stop()
        return self._outcome

    def _new_client(self) -> paho.Client:
        settings = self._settings
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=self._protocol,
            reconnect_on_failure=False,
        )
        client.connect_timeout = _CONNECT_TIMEOUT_S
        if settings.username is not None:
            client.username_pw_set(settings.username, settings.password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, 1, True)
        client.on_connect = self._handle_connect
        client.on_disconnect = self._handle_disconnect
        client.on_subscribe = self._handle_subscribe
        client.on_message = self._handle_message
        return client

    def _handle_connect(
        self,
        client: paho.Client,
        _userdata: object,
        _flags: paho.ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if code.is_failure:
            too_new = str(code) == "Unsupported protocol version"
            self._outcome = _Outcome.TOO_NEW if too_new else _Outcome.REFUSED
            if not (too_new and self._protocol == _V5):
                self._on_state(False, refusal(self._settings, str(code)))
            self._answered.set()
            return
        self._outcome = _Outcome.SERVED
        self._answered.set()
        if self._subscriptions:
            client.subscribe([(topic, 1) for topic in self._subscriptions])
        else:
            self._subscribed.set()
        self._connected.set()
        self._on_state(True, "MQTT 5" if self._protocol == _V5 else "MQTT 3.1.1")
        if self._stopping.is_set():
            client.disconnect()

    def _handle_subscribe(
        self,
        _client: paho.Client,
        _userdata: object,
        _mid: int,
        _codes: Sequence[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._subscribed.set()

    def _handle_disconnect(
        self,
        _client: paho.Client,
        _userdata: object,
        _flags: paho.DisconnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._subscribed.clear()
        if self.connected:
            self._connected.clear()
            if not self._stopping.is_set():
                self._on_state(False, f"connection lost: {code}")
        self._ended.set()
        self._answered.set()

    def _handle_message(
        self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage
    ) -> None:
        try:
            self._on_message(message.topic, bytes(message.payload), message.retain)
        except Exception:  # noqa: BLE001 - must not end the thread that connects us
            _log.exception("message on %s could not be handled", message.topic)
