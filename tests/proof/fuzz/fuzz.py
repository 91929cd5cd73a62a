"""Fuzz: bytes that are nearly right, into everything that reads bytes of strangers.

    python -m tests.proof.fuzz.fuzz --seconds 60 [--seed N] [TARGET ...]

Prints how many inputs each target was given. An input that brings out anything but a
sentence of ours, or takes longer than 5 s or more than 2 GB, is written to a file and
named; the exit code is then 1. Each such input belongs into a regression test.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proof.fuzz.mutate import mutate
from tests.proof.fuzz.targets import EXPECTED, TARGETS, Target

if TYPE_CHECKING:
    from types import FrameType

_CRASHES = Path(tempfile.gettempdir()) / "genre-listen-crashes"
_INPUT_S = 5.0
_MEMORY_BYTES = 2 * 1024**3


@dataclass
class Outcome:
    """What fuzzing a target has shown."""

    target: str
    inputs: int = 0
    refused: int = 0
    """How many were answered with a sentence; the others were accepted."""
    slowest_s: float = 0.0
    crashes: dict[str, bytes] = field(default_factory=dict)
    """Traceback and first input of each different fault."""

    def __str__(self) -> str:
        return (
            f"{self.target:8} {self.inputs:8} inputs  {self.refused:8} refused  "
            f"slowest {1e3 * self.slowest_s:5.0f} ms  {len(self.crashes)} crashes"
        )


def fuzz(
    target: Target, seed: int, *, seconds: float = 1e9, inputs: int = 1 << 62
) -> Outcome:
    """Feed a target its seeds and then what is nearly like them.

    Parameters
    ----------
    target : Target
    seed : int
        The same seed gives the same inputs.
    seconds, inputs
        When to stop, whichever comes first.
    """
    rng = random.Random(seed)  # noqa: S311 - no secret, but the same again
    seeds = target.seeds()
    outcome = Outcome(target.name)
    end = time.monotonic() + seconds
    before = signal.signal(signal.SIGALRM, _too_slow)
    try:
        while time.monotonic() < end and outcome.inputs < inputs:
            fresh = outcome.inputs < len(seeds)
            data = seeds[outcome.inputs] if fresh else mutate(rng, seeds, target.words)
            _feed(target, data, outcome)
    finally:
        signal.signal(signal.SIGALRM, before)
    return outcome


def _feed(target: Target, data: bytes, outcome: Outcome) -> None:
    begin = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, _INPUT_S)
    try:
        target.run(data)
    except EXPECTED:
        outcome.refused += 1
    except Exception as error:  # noqa: BLE001 - just what is looked for
        where = traceback.extract_tb(error.__traceback__)[-1]
        outcome.crashes.setdefault(
            f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: "
            f"{error!s:.200}",
            data,
        )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    outcome.inputs += 1
    outcome.slowest_s = max(outcome.slowest_s, time.perf_counter() - begin)


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"longer than {_INPUT_S:g} s")


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Fuzz.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311
    parser.add_argument("--crashes", type=Path, default=_CRASHES)
    arguments = parser.parse_args()
    logging.disable()  # refusals are what is wanted here
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    sys.stdout.write(f"seed {arguments.seed}, {arguments.seconds:g} s a target\n")
    crashed = False
    for name in arguments.targets or TARGETS:
        outcome = fuzz(TARGETS[name], arguments.seed, seconds=arguments.seconds)
        sys.stdout.write(f"{outcome}\n")
        for fault, data in outcome.crashes.items():
            crashed = True
            path = arguments.crashes / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            sys.stdout.write(f"  CRASH {fault}\n  input in {path}\n")
        sys.stdout.flush()
    return crashed


if __name__ == "__main__":
    sys.exit(main())
