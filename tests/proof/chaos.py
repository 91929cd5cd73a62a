"""Chaos: whatever can go wrong does, at random, and nothing wrong may be published.

    python -m tests.proof.chaos --minutes 20 [--seed N]

For so long a seeded script kills, freezes, unplugs, corrupts and restarts what the
daemon needs, and the daemon itself, with music in the room all the while. Then all is
mended, and the daemon must be well again by itself. Exits with 1 if it is not, if a
genre change was lost or told out of order, if a genre was published that could not be
known, or if descriptors or threads have grown.
"""

from __future__ import annotations

import argparse
import logging
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proof.faults import EVERYWHERE, DaemonKilled, DiskFull, Fault
from tests.proof.measure import sample
from tests.proof.stage import Player, Stage, missing_programs, write_demo
from tests.proof.watchdog import WATCHDOG_S
from tests.proof.witness import Witness, judge_changes, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)

HEALTHY_S = 120.0
"""Seconds in which it must be well again: twice its longest wait for a broker, and for
the watchdog of its service."""
DEAF_S = 18.0
"""Seconds after which nothing that was heard before may still be said: a patch of 5 s,
10 s of digital silence that a pause between songs may have, and a margin."""

_HOLD_S = (2.0, 30.0)
_REST_S = (1.0, 20.0)
_TWO_AT_ONCE = 0.3
_DISK_BYTES = 4 * 1024 * 1024
_SPARE = 3
"""Descriptors and threads that come and go with a connection under way."""


@dataclass
class Outcome:
    """What chaos has shown."""

    seed: int
    faults: list[str] = field(default_factory=list)
    """What was wrong, at the end or in between."""
    happened: dict[str, int] = field(default_factory=dict)
    checks: int = 0
    """How often a genre was looked for that could not be known."""
    changes: int = 0
    late: int = 0
    again: int = 0
    restarts: int = 0
    """By the watchdog of its service."""
    recovered_s: float = 0.0
    figures: str = ""

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {n}" for name, n in sorted(self.happened.items()))
        lines = [
            f"seed {self.seed}: {sum(self.happened.values())} faults: {counts}",
            f"{self.changes} changes of genre: {self.late} late, {self.again} twice",
            f"{self.checks} times it could not know the genre, and was asked",
            f"well again {self.recovered_s:.0f} s after the last fault",
            f"restarted by its watchdog {self.restarts} times",
            self.figures,
            *(f"WRONG: {wrong}" for wrong in self.faults),
            "failed" if self.faults else "passed",
        ]
        return "\n".join(lines)


class Chaos:
    """One run of the script in one room."""

    def __init__(
        self, stage: Stage, witness: Witness, seed: int, kinds: list[type[Fault]]
    ) -> None:
        self._stage = stage
        self._witness = witness
        self._rng = random.Random(seed)  # noqa: S311 - no secret, but the same again
        self._kinds = kinds
        self._deaf: list[tuple[float, float]] = []
        self._begin = time.monotonic()
        self._reachable_since = 0.0
        self.outcome = Outcome(seed)

    def run(self, duration_s: float) -> Outcome:
        """Do it all: a healthy start, faults, a healthy end."""
        self._recover("at the start")
        first = sample(self._pid, 0.0)
        end = time.monotonic() + duration_s
        while time.monotonic() < end:
            self._strike()
            time.sleep(self._rng.uniform(*_REST_S))
        mended = time.monotonic()
        self._recover("after the last fault")
        self.outcome.recovered_s = time.monotonic() - mended
        last = sample(self._pid, 0.0)
        self._judge()
        for name in ("descriptors", "threads"):
            before, after = getattr(first, name), getattr(last, name)
            if after > before + _SPARE:
                self.outcome.faults.append(f"{name} grew from {before} to {after}")
        self.outcome.figures = (
            f"descriptors {first.descriptors} and {last.descriptors}, "
            f"threads {first.threads} and {last.threads}, "
            f"memory {first.rss_kb / 1024:.0f} and {last.rss_kb / 1024:.0f} MB"
        )
        return self.outcome

    @property
    def _pid(self) -> int:
        assert self._stage.daemon is not None
        return self._stage.daemon.pid

    def _tell(self, text: str) -> None:
        _log.info("%6.1f s  %s", time.monotonic() - self._begin, text)

    def _strike(self) -> None:
        """Let one thing or two go wrong, wait, look, and mend."""
        kinds = self._rng.sample(self._kinds, 1 + (self._rng.random() < _TWO_AT_ONCE))
        if len({kind.group for kind in kinds}) < len(kinds):
            kinds = kinds[:1]
        struck = [kind(self._stage, self._witness, self._rng) for kind in kinds]
        names = " and ".join(fault.name for fault in struck)
        self._tell(names)
        begin_s = time.time()
        for fault in struck:
            fault.begin()
            counts = self.outcome.happened
            counts[fault.name] = counts.get(fault.name, 0) + 1
        if not all(fault.moment for fault in struck):
            time.sleep(self._rng.uniform(*_HOLD_S))
        self._look(struck, begin_s)
        # The sound server first: a daemon that begins looks for its microphone.
        for fault in reversed(struck):
            fault.end()
        if any(fault.away for fault in struck):
            self._reachable_since = time.time()
        if any(fault.deaf for fault in struck):
            self._deaf.append((begin_s, time.time() + DEAF_S))
        self._tell(f"mended; {self._state}")

    @property
    def _state(self) -> str:
        look = sample(self._pid, 0.0)
        said = {kind: self._witness.last(kind) for kind in ("availability", "genre")}
        words = ", ".join(value or "nothing" for value in said.values())
        return f"{words}; {look.descriptors} descriptors, {look.threads} threads"

    def _look(self, struck: list[Fault], begin_s: float) -> None:
        """Ask whether the node claims to know what it cannot know."""
        daemon = self._stage.daemon
        killed = any(isinstance(fault, DaemonKilled) for fault in struck)
        if not killed and daemon is not None and daemon.poll() is not None:
            self.outcome.faults.append(f"it ended by itself: code {daemon.returncode}")
            self._stage.start()
        asleep = (
            any(f.group == "daemon" and not f.moment for f in struck) and not killed
        )
        told = self._witness.spoke_after(self._reachable_since)
        reachable = told and not any(fault.away for fault in struck)
        deaf = any(fault.deaf for fault in struck)
        if not (deaf and reachable and time.time() - begin_s >= DEAF_S) or asleep:
            return
        self.outcome.checks += 1
        if self._witness.names_music:
            genre = self._witness.last("genre")
            names = " and ".join(fault.name for fault in struck)
            self.outcome.faults.append(
                f"it says {genre} {time.time() - begin_s:.0f} s after: {names}"
            )

    def _recover(self, when: str) -> None:
        """Wait until it is there, hears, and names music."""
        until = time.monotonic() + HEALTHY_S
        while not self._is_healthy():
            self._restart_if_silent()
            if time.monotonic() > until:
                raise TimeoutError(
                    f"not well {when}: {self._state}, microphone "
                    f"{self._witness.last('microphone')!r}\n"
                    f"{self._stage.log.read_text()[-4000:]}"
                )
            time.sleep(0.2)
        self._tell(f"well {when}; {self._state}")

    def _restart_if_silent(self) -> None:
        """Do what the service manager does with a daemon that gives no sign of life."""
        dog = self._stage.watchdog
        if dog is None or not dog.expired:
            return
        self._tell(f"no sign of life for {WATCHDOG_S:.0f} s: restarted")
        self.outcome.restarts += 1
        self._stage.kill()
        self._stage.start()

    def _is_healthy(self) -> bool:
        well = self._witness.last("microphone") == "ok"
        # The history's file is open from its first segment on: descriptors count it.
        return well and self._witness.names_music and self._stage.history.exists()

    def _judge(self) -> None:
        changes = list(self._witness.changes)
        outcome = self.outcome
        outcome.changes = len(changes)
        outcome.late = sum(change.late for change in changes)
        outcome.again = repeated(changes)
        outcome.faults += judge_changes(changes, self._deaf)
        outages = sum(n for k, n in outcome.happened.items() if k.startswith("broker"))
        if outcome.again > outages:
            outcome.faults.append(f"{outcome.again} changes were told twice")


def chaos(duration_s: float, seed: int) -> Outcome:
    """Set a room up and let chaos reign in it.

    Parameters
    ----------
    duration_s : float
        Seconds of faults; the healthy start and end come on top.
    seed : int
        The same seed gives the same faults in the same order.
    """
    kinds = list(EVERYWHERE)
    with _small_disk() as disk, Stage(disk, watched=True) as stage:
        if disk is None:
            _log.info("no disk can be mounted here: it is never full")
        else:
            kinds.append(DiskFull)
        music = write_demo(stage.folder / "music.wav")
        with Player(stage.pulse, [music]), Witness(stage.broker.port) as witness:
            stage.start()
            return Chaos(stage, witness, seed, kinds).run(duration_s)


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    """Mount a disk of 4 MB, where that is allowed."""
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "chaos", folder]
        done = subprocess.run(mount, check=False, capture_output=True)
        if done.returncode:
            yield None
            return
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Chaos.")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311
    arguments = parser.parse_args()
    if missing := missing_programs():
        sys.stderr.write(f"please install: {', '.join(missing)}\n")
        return 2
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # Whoever ends it early still wants the room to be cleared.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.write(f"seed {arguments.seed}\n")
    sys.stdout.flush()
    outcome = chaos(60 * arguments.minutes, arguments.seed)
    sys.stdout.write(f"{outcome}\n")
    return bool(outcome.faults)


if __name__ == "__main__":
    sys.exit(main())
