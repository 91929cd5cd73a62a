"""Instructions a hop, which no neighbour on the machine can change.

``perf`` counts them where the processor lets it; elsewhere ``valgrind`` does, which
takes minutes and shows the programs a processor without AVX-512: a ratio of the two
sides, not what this machine would execute. Work of n and of 3 n hops is counted; the
difference over 2 n is one hop, without start and imports.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.hops import STAGES
from benchmarks.measure import Figure, Settings
from benchmarks.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HOPS = 10
_PERF = ("perf", "stat", "-x,", "-e", "instructions:u")
_PERF_COUNT = re.compile(r"^(\d+),[^,]*,instructions", re.MULTILINE)
_VALGRIND = (
    *("valgrind", "--tool=cachegrind", "--cache-sim=no"),
    "--cachegrind-out-file=/dev/null",
)
_VALGRIND_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


def rows(settings: Settings) -> Iterator[Row]:
    """Count the stages of a hop, and YAMNet."""
    counter = _counter()
    if counter is None:
        why = "perf counts nothing here, and valgrind is not installed"
        yield Row("instructions a hop", "", None, note=why)
        return
    tool, count = counter
    python = sys.executable
    for stage in STAGES:
        few, many = (
            _count([*tool, python, "-m", "benchmarks.hops", stage, str(n)], count)
            for n in (_HOPS, 3 * _HOPS)
        )
        yield _row(f"instructions: {stage}", tool[0], (many - few) / (2 * _HOPS))
    model = None if settings.data is None else settings.data / "yamnet/yamnet.tflite"
    if model is not None and model.is_file():
        script = Path(__file__).with_name("invoker.py")
        module = "ai_edge_litert.interpreter"
        command = [*tool, python, str(script), module, str(model), "1"]
        few, many = (_count(command, count, f"{n}\n") for n in (_HOPS, 3 * _HOPS))
        yield _row("instructions: YAMNet", tool[0], (many - few) / (2 * _HOPS))


def _row(what: str, tool: str, count: float) -> Row:
    millions = count / 1e6
    return Row(what, tool, Figure(millions, millions, millions, 1), unit="M")


def _counter() -> tuple[Sequence[str], re.Pattern[str]] | None:
    if shutil.which("perf"):
        done = subprocess.run(  # noqa: S603 - no input of strangers
            [*_PERF, "true"], check=False, capture_output=True, text=True
        )
        if _PERF_COUNT.search(done.stderr):
            return _PERF, _PERF_COUNT
    return (_VALGRIND, _VALGRIND_COUNT) if shutil.which("valgrind") else None


def _count(command: Sequence[str], pattern: re.Pattern[str], text: str = "") -> int:
    # One thread and one order of hashing: the same work, every time.
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # noqa: S603 - no input of strangers
        command, check=True, capture_output=True, text=True, input=text, env=env
    )
    found = pattern.search(done.stderr)
    if found is None:
        raise RuntimeError(f"{command[0]} counted nothing: {done.stderr[-500:]}")
    return int(found[1].replace(",", ""))
