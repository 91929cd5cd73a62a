"""``make fleet``: how many nodes one broker and one display bear.

    python -m benchmarks.fleet [--nodes 200 400 800] [--seconds 20]

Real clients of a real Mosquitto on this machine say what the product's nodes say while
everybody watches: a state and figures at every hop. A subscriber tells how old states
are when they arrive, by the same clock; ``genre-listen --all`` runs in a terminal, and
one more node changes its genre now and then to see how soon it is drawn.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import string
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from benchmarks import fleetnodes
from benchmarks.fleetdisplay import Display
from benchmarks.machine import machine
from rich.console import Console
from rich.table import Table
from tests.integration.broker import Broker
from tests.integration.client import Client
from tests.proof.measure import sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import paho.mqtt.client as paho

_PER_PROCESS = 50
_PATIENCE_S = 120.0
_MARKER = "aaa"  # is sorted first, and so is on the screen however many there are
_MARKS_S = 1.0
_NEARLY_ALL = 0.95


@dataclass(frozen=True)
class Outcome:
    """What one size of fleet came to."""

    nodes: int
    announced: int
    """That are known to Home Assistant, as the last thing a node does at its start."""
    start_s: float
    """From the first connection to the last announcement."""
    states: float
    """That arrived for each that was due: a hop a second and node."""
    delay_s: Sequence[float]
    """From each verdict to the subscriber."""
    redraw_s: Sequence[float]
    """From a change of genre to the terminal."""
    undrawn: int
    """Changes that were not drawn within a few seconds."""
    broker: float
    """Share of a core."""
    display: float
    clients: float


class Subscriber(Client):
    """Counts nodes, and how old their states are on arrival."""

    def __init__(self, port: int) -> None:
        super().__init__(port, "genre-listen/+/about", "genre-listen/+/state")
        self.announced: set[str] = set()
        self.delay_s: list[float] = []

    def receive(self, message: paho.MQTTMessage) -> None:
        """Take a message; called on the client's thread."""
        now_s = time.time()
        if message.topic.endswith("/about"):
            self.announced.add(message.topic)
        elif message.payload and not message.retain:
            written = json.loads(message.payload)["time"]
            self.delay_s.append(now_s - datetime.fromisoformat(written).timestamp())


def measure(nodes: int, seconds: float) -> Outcome:
    """Run a fleet of a size for a while."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # as root, Mosquitto becomes another user
        program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
        broker = Broker(program or "mosquitto", folder)
        # Its own limit is 1000 messages a client; those of a fleet come in bursts.
        broker.configure("allow_anonymous true", "max_queued_messages 100000")
        broker.start()
        stack.callback(broker.stop)
        home = stack.enter_context(Subscriber(broker.port))
        clients = stack.enter_context(_fleet(broker.port, nodes))
        began_s = time.monotonic()
        while len(home.announced) < nodes and time.monotonic() < began_s + _PATIENCE_S:
            time.sleep(0.1)
        start_s, announced = time.monotonic() - began_s, len(home.announced)
        marker = fleetnodes.Node(broker.port, _MARKER, fleetnodes.labels())
        marker.start()
        stack.callback(marker.stop)
        display = stack.enter_context(Display(broker.port))
        _wait_for_states(home, nodes)
        pids = [broker.pid, display.pid, *clients]
        began = [sample(pid, time.monotonic()) for pid in pids]
        home.delay_s.clear()
        redraws = list(_marks(marker, display, seconds))
        delays = home.delay_s.copy()
        ended = [sample(pid, time.monotonic()) for pid in pids]
    span_s = ended[0].time_s - began[0].time_s
    shares = [(b.cpu_s - a.cpu_s) / span_s for a, b in zip(began, ended, strict=True)]
    return Outcome(
        nodes=nodes,
        announced=announced,
        start_s=start_s,
        states=len(delays) / (span_s * nodes),
        delay_s=delays,
        redraw_s=[one for one in redraws if one is not None],
        undrawn=redraws.count(None),
        broker=shares[0],
        display=shares[1],
        clients=sum(shares[2:]),
    )


def _wait_for_states(home: Subscriber, nodes: int) -> None:
    """Wait until all that the display has asked speak at every hop, or do not."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        home.delay_s.clear()
        time.sleep(2 * fleetnodes.HOP_S)
        if len(home.delay_s) >= _NEARLY_ALL * 2 * nodes:
            return


@contextmanager
def _fleet(port: int, nodes: int) -> Iterator[list[int]]:
    """Run that many nodes; give their processes."""
    processes = []
    for first in range(0, nodes, _PER_PROCESS):
        count = min(_PER_PROCESS, nodes - first)
        flags = {"--port": port, "--first": first, "--count": count}
        words = [str(word) for flag in flags.items() for word in flag]
        command = [sys.executable, "-m", "benchmarks.fleetnodes", *words]
        processes.append(subprocess.Popen(command, stdin=subprocess.PIPE))  # noqa: S603 - no input of strangers
    try:
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.kill()  # to leave politely takes a large fleet minutes
            process.wait()


def _marks(
    marker: fleetnodes.Node, display: Display, seconds: float
) -> Iterator[float | None]:
    """Change a genre about once a second; give how long each took to be drawn."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield _mark(marker, display, 10.0)
        time.sleep(_MARKS_S * random.uniform(0.5, 1.5))  # noqa: S311 - no secret


def _mark(marker: fleetnodes.Node, display: Display, timeout_s: float) -> float | None:
    word = "".join(random.choices(string.ascii_lowercase, k=9))  # noqa: S311 - no secret
    display.forget()
    marker.play(word)
    began = time.monotonic()
    marker.tell(np.random.default_rng())
    drawn = display.wait_for(word, timeout_s)
    return None if drawn is None else drawn - began


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, nargs="+", default=[50, 200, 400, 800])
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    head = ["nodes", "announced", "after, s", "states of those due"]
    head += ["verdict to subscriber, ms", "", "change to screen, ms", ""]
    head += ["broker", "display", "clients"]
    table = Table(*head, title=machine(), title_justify="left")
    table.add_row("", "", "", "", "p50", "p99", "p50", "p99", *["of a core"] * 3)
    for nodes in arguments.nodes:
        sys.stderr.write(f"{nodes} nodes ...\n")
        table.add_row(*_cells(measure(nodes, arguments.seconds)))
    Console(width=160).print(table)


def _cells(outcome: Outcome) -> list[str]:
    redraw = _percentiles(outcome.redraw_s)
    if outcome.undrawn:
        redraw[1] = f"{outcome.undrawn} never"
    shares = (outcome.broker, outcome.display, outcome.clients)
    return [
        str(outcome.nodes),
        str(outcome.announced),
        f"{outcome.start_s:.0f}",
        f"{outcome.states:.0%}",
        *_percentiles(outcome.delay_s),
        *redraw,
        *(f"{share:.0%}" for share in shares),
    ]


def _percentiles(values: Sequence[float]) -> list[str]:
    if not values:
        return ["-", "-"]
    return [f"{1e3 * np.quantile(values, q):.0f}" for q in (0.5, 0.99)]


if __name__ == "__main__":
    main()
