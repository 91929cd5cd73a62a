"""Soak, compressed: days of hops, without microphone and broker, as fast as it goes.

    python -m tests.proof.compressed --days 1

What is real: features, inference, smoothing, the words of the messages, the journal of
changes, the history in its file. What is not: time passes only in the timestamps, the
audio is the demo's pieces at changing levels, and nothing is captured or sent.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tests.proof.measure import MIN_SAMPLES, Sample, faults, sample, table, trend

from genre_daemon.history.recorder import History, read_segments
from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.node.journal import Journal
from genre_daemon.node.report import Report
from genre_daemon.pipeline import Pipeline
from genre_daemon.sources import styles
from genre_daemon.sources.synth import RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_log = logging.getLogger(__name__)

HOPS_A_DAY = 86_400
_PIECES = 6
_GAP_EVERY = 3_600
"""Hops between two gaps of lost audio."""
_GAP_S = 2.5
_EPOCH_S = 1_767_225_600.0  # 2026-01-01: any day does


@dataclass
class Outcome:
    """What a compressed soak has shown."""

    hops: int
    verdicts: int
    changes: int
    segments: int
    took_s: float
    samples: list[Sample] = field(repr=False)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        steady = _steady(self.samples)
        growth = "too short to be judged"
        if steady:
            growth = str(trend([s.time_s for s in steady], [s.rss_kb for s in steady]))
        speed = self.hops / self.took_s
        lines = [
            table(self.samples),
            "",
            f"{self.hops} s of audio, {self.verdicts} verdicts",
            f"{self.changes} changes of genre, {self.segments} segments in the history",
            f"took {self.took_s:.0f} s: {speed:.0f} times real time",
            f"memory: {growth}, in simulated hours, n={len(steady)}",
            *(f"FAULT: {fault}" for fault in self.faults),
            "failed" if self.faults else "passed",
        ]
        return "\n".join(lines)


def soak(hops: int, folder: Path) -> Outcome:
    """Push so many seconds of music through the pipeline.

    Parameters
    ----------
    hops : int > 0
    folder : Path
        For the history.
    """
    bundle = read_bundle(SHIPPED)
    pipeline = Pipeline(bundle, RATE)
    report = Report(bundle.info.title, bundle.info.labels)
    journal = Journal()
    begin = time.monotonic()
    every = max(1, min(_GAP_EVERY, hops // 60))
    outcome = Outcome(hops, 0, 0, 0, 0.0, [])
    # From hop to hop there is a whole number of frames: a second, give or take one.
    late_s = 1.5 * pipeline.spec.hop_s
    last_s = float("inf")
    with History(folder / "soak.sqlite3", node="soak", model="m") as history:
        for hop, block in enumerate(_music(hops)):
            if hop % _GAP_EVERY == _GAP_EVERY - 1:
                pipeline.skip(_GAP_S)
                last_s = float("inf")
            for verdict in pipeline.push(block):
                now_s = _EPOCH_S + verdict.time_s
                if verdict.time_s - last_s > late_s:
                    outcome.faults.append(f"no verdict after {last_s:.1f} s")
                last_s = verdict.time_s
                outcome.verdicts += 1
                if event := report.push(verdict, now_s):
                    outcome.changes += 1
                    journal.add(event, lambda: True)
                history.push(now_s, verdict.genre, verdict.confidence)
            if hop % every == 0:
                outcome.samples.append(sample(os.getpid(), float(hop)))
            if hop % HOPS_A_DAY == HOPS_A_DAY - 1:
                _log.info("day %d done", (hop + 1) // HOPS_A_DAY)
        lost, errors = history.lost, history.errors
    outcome.took_s = time.monotonic() - begin
    outcome.segments = _count(folder / "soak.sqlite3")
    outcome.faults += _judge(outcome, pipeline.dropped_hops, lost, errors)
    return outcome


def _music(hops: int) -> Iterator[NDArray[np.float32]]:
    """Yield so many seconds of music, round and round, at changing levels."""
    pieces = np.concatenate([styles.render(place) for place in range(_PIECES)])
    rng = np.random.default_rng(440)
    seconds = pieces[: len(pieces) // RATE * RATE].reshape(-1, RATE)
    for hop in range(hops):
        place = hop % len(seconds)
        if place == 0:
            gain = np.float32(10 ** rng.uniform(-2.0, 0.0))
        yield gain * seconds[place]


def _count(path: Path) -> int:
    return len(read_segments(path, 0.0, 2 * _EPOCH_S))


def _steady(samples: list[Sample]) -> list[Sample]:
    """Return the samples after the first sixth, or none where they are too few."""
    later = samples[len(samples) // 6 :]
    return later if len(later) >= MIN_SAMPLES else []


def _judge(outcome: Outcome, dropped: int, lost: int, errors: int) -> list[str]:
    counts = {
        "hops were dropped": dropped,
        "segments were lost": lost,
        "writes of the history failed": errors,
    }
    found = [f"{count} {what}" for what, count in counts.items() if count]
    steady = _steady(outcome.samples)
    return found + (faults(steady) if steady else [])


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Soak, compressed.")
    parser.add_argument("--days", type=float, default=1.0)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        outcome = soak(round(arguments.days * HOPS_A_DAY), Path(folder))
    sys.stdout.write(f"{outcome}\n")
    return bool(outcome.faults)


if __name__ == "__main__":
    sys.exit(main())
