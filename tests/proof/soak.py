"""Soak: the daemon hears music for hours, in real time, and must not change.

    python -m tests.proof.soak --hours 1 [--music FOLDER]

Prints a table; exits with 1 if memory is above its budget, if memory, threads or
descriptors grow, if a hop was dropped, or if a sequence number is missing.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.client import Client
from tests.proof.measure import MIN_SAMPLES, Sample, faults, sample, table, trend
from tests.proof.stage import NODE, ROOT, Player, Stage, missing_programs, write_demo

if TYPE_CHECKING:
    from collections.abc import Sequence

    import paho.mqtt.client as paho

_log = logging.getLogger(__name__)

_LOOKS = 60
"""At the process, at the least."""
_TELL_S = 300.0
_START_S = 60.0
_WARM_UP_S = 300.0
"""Seconds that are not judged: caches and pools fill."""
_LATE_S = 20.0
"""Seconds without a verdict after which the daemon counts as hung."""
_BUDGET_MB = 80.0
"""Of resident memory, after the start."""


class Counter(Client):
    """Counts what a node says of every hop."""

    def __init__(self, port: int) -> None:
        super().__init__(port, f"{ROOT}/#")
        self.first = 0
        self.last = 0
        self.holes: list[tuple[int, int]] = []
        """Pairs of sequence numbers with others missing in between."""
        self.heard_at = time.monotonic()
        self.telemetry: dict[str, Any] = {}
        self.changes = 0

    def receive(self, message: paho.MQTTMessage) -> None:
        """Take a message; called on the client's thread."""
        kind = message.topic.removeprefix(f"{ROOT}/")
        if kind == "prediction":
            number = int(json.loads(message.payload)["sequence"])
            if not self.first:
                self.first = number
            elif number != self.last + 1:
                self.holes.append((self.last, number))
            self.last = number
            self.heard_at = time.monotonic()
        elif kind == "telemetry":
            self.telemetry = json.loads(message.payload)
        elif kind == "event":
            self.changes += 1


@dataclass
class Outcome:
    """What a soak has shown."""

    samples: list[Sample]
    verdicts: int
    changes: int
    telemetry: dict[str, Any]
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        steady = _steady(self.samples)
        growth = f"too short to be judged (start-up takes {_WARM_UP_S:.0f} s)"
        if steady:
            growth = str(trend([s.time_s for s in steady], [s.rss_kb for s in steady]))
        span_s = self.samples[-1].time_s - self.samples[0].time_s
        used_s = self.samples[-1].cpu_s - self.samples[0].cpu_s
        hours = span_s / 3600
        lines = [
            table(self.samples),
            "",
            f"{hours:.2f} h, {self.verdicts} verdicts, {self.changes} changes of genre",
            f"dropped hops: {self.telemetry.get('dropped_hops')}",
            f"gaps in the audio: {self.telemetry.get('overflows')}",
            f"memory: {growth}, n={len(steady)}",
            f"processor {used_s / span_s:.2%} of a core",
            *(f"FAULT: {fault}" for fault in self.faults),
            "failed" if self.faults else "passed",
        ]
        return "\n".join(lines)


def soak(duration_s: float, music: Sequence[Path] = ()) -> Outcome:
    """Run a daemon for so long, and watch it.

    Parameters
    ----------
    duration_s : float
        Seconds from the first verdict on.
    music : sequence of Path
        What is played, round and round; by default the demo's own pieces.
    """
    every_s = min(10.0, duration_s / _LOOKS)
    told_s = 0.0
    os.environ["GENRE_LISTEN_MQTT_PREDICTIONS"] = "true"
    with Stage() as stage:
        files = list(music) or [write_demo(stage.folder / "music.wav")]
        with Player(stage.pulse, files), Counter(stage.broker.port) as counter:
            daemon = stage.start()
            _wait_for_first(counter, stage)
            begin = time.monotonic()
            samples: list[Sample] = []
            pause = threading.Event()
            while (now_s := time.monotonic() - begin) < duration_s:
                samples.append(sample(daemon.pid, now_s))
                if now_s >= told_s:
                    _log.info("%4.0f min, %d verdicts", now_s / 60, counter.last)
                    told_s += _TELL_S
                if time.monotonic() - counter.heard_at > _LATE_S:
                    break
                pause.wait(every_s)
    outcome = Outcome(
        samples, counter.last - counter.first + 1, counter.changes, counter.telemetry
    )
    outcome.faults = [
        *(faults(steady) if (steady := _steady(samples)) else ()),
        *(f"no verdict between {a} and {b}" for a, b in counter.holes),
        *_lost(counter.telemetry),
        *_too_large(_steady(samples)),
    ]
    # Audio comes by the sound card's clock, so not one a second to the last.
    if outcome.verdicts < 0.99 * samples[-1].time_s - 2:
        outcome.faults.append(
            f"{outcome.verdicts} verdicts in {samples[-1].time_s:.0f} s"
        )
    return outcome


def _wait_for_first(counter: Counter, stage: Stage) -> None:
    until = time.monotonic() + _START_S
    while not (counter.first and counter.telemetry):
        gone = stage.daemon is None or stage.daemon.poll() is not None
        if gone or time.monotonic() > until:
            raise TimeoutError(f"{NODE} says nothing: {stage.log.read_text()}")
        time.sleep(0.1)


def _steady(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Return the samples after the start, or none where they are too few to judge."""
    later = [one for one in samples if one.time_s >= _WARM_UP_S]
    return later if len(later) >= MIN_SAMPLES else []


def _lost(telemetry: dict[str, Any]) -> list[str]:
    names = {"dropped_hops": "hops were dropped", "overflows": "gaps in the audio"}
    return [
        f"{telemetry[key]} {what}" for key, what in names.items() if telemetry.get(key)
    ]


def _too_large(steady: Sequence[Sample]) -> list[str]:
    most_mb = max((one.rss_kb for one in steady), default=0) / 1024
    if most_mb <= _BUDGET_MB:
        return []
    return [f"{most_mb:.1f} MB of memory, more than {_BUDGET_MB:g}"]


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--music", type=Path, help="folder of WAV, FLAC or Ogg files")
    arguments = parser.parse_args()
    if missing := missing_programs():
        sys.stderr.write(f"please install: {', '.join(missing)}\n")
        return 2
    music = (
        sorted(
            path
            for path in arguments.music.rglob("*")
            if path.suffix in (".wav", ".flac", ".ogg")
        )
        if arguments.music
        else []
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # Whoever ends it early still wants the room to be cleared.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    outcome = soak(arguments.hours * 3600, music)
    sys.stdout.write(f"{outcome}\n")
    return bool(outcome.faults)


if __name__ == "__main__":
    sys.exit(main())
