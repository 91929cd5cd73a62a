"""Nodes without microphones: the product's own code, told by a die what it hears.

    python -m benchmarks.fleetnodes --port PORT --first 0 --count 50

Runs until its standard input ends.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from dataclasses import dataclass

import numpy as np

from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.messages import Prediction, Verdict
from genre_daemon.mqtt.settings import MqttSettings
from genre_daemon.node.publisher import Publisher
from genre_daemon.node.wire import Wire

HOP_S = 1.0
_CHANGE = 1 / 120
"""Chance at a hop that another genre begins: every two minutes."""


@dataclass
class _Song:
    genre: str
    since_s: float


class Node:
    """One node on a connection of its own.

    Parameters
    ----------
    port : int
        Of the broker on this machine.
    name : str
    labels : sequence of str
    """

    def __init__(self, port: int, name: str, labels: tuple[str, ...]) -> None:
        settings = MqttSettings(port=port)
        self._wire = Wire(settings, daemon=name, base_topic="genre-listen")
        self._publisher = Publisher(self._wire, node=name, model="fleet", labels=labels)
        self._labels = labels
        self._song = _Song(labels[0], 0.0)
        self._hops = 0

    def start(self) -> None:
        """Begin to connect."""
        self._publisher.microphone("")
        self._wire.start([self._publisher])

    def stop(self) -> None:
        """Leave politely."""
        self._wire.stop()

    def hop(self, rng: np.random.Generator) -> None:
        """Hear a second more."""
        if not self._hops or rng.random() < _CHANGE:
            self.play(str(rng.choice(self._labels)))
        self.tell(rng)

    def play(self, genre: str) -> None:
        """Have another genre begin."""
        self._song = _Song(genre, self._hops * HOP_S)

    def tell(self, rng: np.random.Generator) -> None:
        """Reach a verdict, and measure how it went."""
        self._hops += 1
        probabilities = rng.dirichlet(np.ones(len(self._labels))).astype(np.float32)
        prediction = Prediction(self._hops * HOP_S, probabilities, -23.0, 0.4)
        song = self._song
        self._publisher.verdict(
            Verdict(song.genre, 0.8, song.since_s, probabilities, prediction)
        )
        figures = ("level_dbfs", "inference_ms", "dropped_hops", "overflows")
        self._publisher.telemetry({**dict.fromkeys(figures, 0.0), "uptime_s": 1.0})


def labels() -> tuple[str, ...]:
    """Return what the shipped model names."""
    return read_bundle(SHIPPED).info.labels


def name(number: int) -> str:
    """Return what a node is called."""
    return f"room-{number:05}"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for flag in ("--port", "--first", "--count"):
        parser.add_argument(flag, type=int, required=True)
    arguments = parser.parse_args()
    over = threading.Event()
    threading.Thread(target=_wait_for_end, args=[over], daemon=True).start()
    rng = np.random.default_rng(arguments.first)
    numbers = range(arguments.first, arguments.first + arguments.count)
    nodes = [Node(arguments.port, name(number), labels()) for number in numbers]
    for node in nodes:
        node.start()
    # Spread over the second, as rooms that were switched on at different times.
    due = sorted(time.monotonic() + HOP_S * rng.random(len(nodes)))
    while not over.is_set():
        for i, node in enumerate(nodes):
            over.wait(max(0.0, due[i] - time.monotonic()))
            node.hop(rng)
            due[i] += HOP_S
    for node in nodes:
        node.stop()


def _wait_for_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    main()
