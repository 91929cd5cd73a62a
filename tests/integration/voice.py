"""A node's voice on a real broker: it says what a test tells it to."""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from tests.integration.broker import Broker, broker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

__all__ = ["LABELS", "Voice", "broker", "command", "kitchen", "rfc3339"]

LABELS = ("blues", "classical", "disco", "jazz", "metal", "rock")


def rfc3339(time_s: float) -> str:
    """Return a time as nodes write it."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds")


class Voice:
    """Publishes under ``genre-listen/<name>`` and hears what is asked of it."""

    def __init__(self, port: int, name: str) -> None:
        self.root = f"genre-listen/{name}"
        self.asked = threading.Event()
        """Set when a display has asked for an update every hop."""
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.will_set(f"{self.root}/availability", "offline", 1, True)
        self._client.on_connect = lambda client, *_: client.subscribe(
            f"{self.root}/set/watch", 1
        )
        self._client.on_message = lambda *_: self.asked.set()
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def __enter__(self) -> Self:
        """Say that it is there and well."""
        self.say("availability", "online")
        self.say("microphone", "ok")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, kind: str, payload: str, *, retain: bool = True) -> None:
        """Publish and wait until the broker has it, or has come back to have it."""
        until = time.monotonic() + 10.0
        while not self._client.is_connected() and time.monotonic() < until:
            time.sleep(0.05)
        info = self._client.publish(f"{self.root}/{kind}", payload, 1, retain)
        info.wait_for_publish(10.0)

    def hear(self, genre: str, *, ago_s: float = 0.0, **other: Any) -> None:  # noqa: ANN401 - any JSON, for hostile payloads
        """Publish a verdict that began some seconds ago."""
        now_s = time.time()
        others = 0.1 / (len(LABELS) - 1)
        state = {
            "genre": genre,
            "confidence": 0.9,
            "since": rfc3339(now_s - ago_s),
            "music": genre not in ("no_music", "silence"),
            "probabilities": {
                label: 0.9 if label == genre else others for label in LABELS
            },
            "model": "small 1",
            "sequence": 1,
            "time": rfc3339(now_s),
        }
        self.say("state", json.dumps({**state, **other}))

    def measure(self, level_dbfs: float) -> None:
        """Publish telemetry."""
        figures = {"level_dbfs": level_dbfs, "dropped_hops": 0, "inference_ms": 0.4}
        self.say("telemetry", json.dumps(figures), retain=False)


@pytest.fixture
def kitchen(broker: Broker) -> Iterator[Voice]:
    """A node called kitchen, with nothing heard yet."""
    with Voice(broker.port, "kitchen") as voice:
        yield voice


def command(broker: Broker, *flags: str) -> list[str]:
    """Return the command line of a display at a broker."""
    start = "from genre_daemon.listen import main; main()"
    return [sys.executable, "-c", start, "--port", str(broker.port), *flags]
