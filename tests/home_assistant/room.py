"""A node with the real publisher, which hears what a test tells it to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.messages import Prediction, Verdict
from genre_daemon.mqtt.settings import MqttSettings
from genre_daemon.node.commands import Listening, Threshold
from genre_daemon.node.publisher import Publisher
from genre_daemon.node.wire import Announcing, Wire

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from genre_daemon.mqtt.connection import Connection

LABELS = ("classical", "disco", "jazz", "metal", "no_music")


def verdict(genre: str, confidence: float = 0.8, *, time_s: float = 0.0) -> Verdict:
    """Return a verdict whose genre has just begun."""
    probabilities = np.full(len(LABELS), 1.0 / len(LABELS), np.float32)
    prediction = Prediction(time_s, probabilities, level_dbfs=-23.0, inference_ms=0.4)
    return Verdict(genre, confidence, time_s, probabilities, prediction)


class Room:
    """A listening room without a microphone; does what it is asked, as the daemon."""

    def __init__(
        self,
        broker: int | MqttSettings,
        name: str = "living-room",
        announcing: Announcing | None = None,
        **more: Any,  # noqa: ANN401 - the publisher's own
    ) -> None:
        self.wire = Wire(
            MqttSettings(port=broker) if isinstance(broker, int) else broker,
            daemon=name,
            base_topic="genre-listen",
            announcing=announcing,
        )
        self.publisher = Publisher(
            self.wire,
            node=name,
            model="small-1",
            labels=LABELS,
            threshold=0.4,
            on_command=self._obey,
            **more,
        )
        self.root = self.publisher.root
        self.asked: list[Listening | Threshold] = []
        self._time_s = 0.0

    def __enter__(self) -> Self:
        self.start()
        self.publisher.microphone("")
        assert self.connection.wait(30.0)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def connection(self) -> Connection:
        """The connection, for those that break it."""
        assert self.wire._connection is not None
        return self.wire._connection

    def start(self) -> None:
        """Begin to connect."""
        self.wire.start([self.publisher])

    def stop(self) -> None:
        """Leave politely."""
        self.wire.stop()

    def hear(self, genre: str, confidence: float = 0.8) -> None:
        """Reach a verdict, and measure how it went."""
        self._time_s += 1.0
        self.publisher.verdict(verdict(genre, confidence, time_s=self._time_s))
        self.publisher.telemetry(
            {
                "level_dbfs": -23.0,
                "inference_ms": 0.4,
                "dropped_hops": 1,
                "overflows": 2,
                "uptime_s": self._time_s,
            }
        )

    def _obey(self, command: Listening | Threshold) -> None:
        self.asked.append(command)
        if isinstance(command, Threshold):
            self.publisher.threshold(command.value)
            return
        self.publisher.listening(command.on)
        if command.on:
            self.publisher.microphone("")
