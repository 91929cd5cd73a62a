"""A node's voice on a real broker: it says what a test tells it to."""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import pytest
from tests.integration.broker import Broker, broker
from tests.integration.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    import paho.mqtt.client as paho

__all__ = ["LABELS", "Voice", "broker", "command", "kitchen", "rfc3339"]

LABELS = ("blues", "classical", "disco", "jazz", "metal", "rock")


def rfc3339(time_s: float) -> str:
    """Return a time as nodes write it."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds")


class Voice(Client):
    """Publishes under ``genre-listen/<name>`` and hears what is asked of it."""

    def __init__(self, port: int, name: str) -> None:
        self.root = f"genre-listen/{name}"
        self.asked = threading.Event()
        """Set when a display has asked for an update every hop."""
        super().__init__(
            port, f"{self.root}/set/watch", will=f"{self.root}/availability"
        )

    def __enter__(self) -> Self:
        """Say that it is there and well."""
        super().__enter__()
        self.say("availability", "online")
        self.say("microphone", "ok")
        return self

    def receive(self, _message: paho.MQTTMessage) -> None:
        """Take note that a display asks."""
        self.asked.set()

    def say(self, kind: str, payload: str, *, retain: bool = True) -> None:
        """Publish on a topic of the node."""
        self.publish(f"{self.root}/{kind}", payload, retain=retain)

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
