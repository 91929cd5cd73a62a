"""LiteRT and tflite-runtime, int8 and float, one thread and two.

All run the same network: the one of a run folder, converted both ways. Each is a
process of its own (:mod:`benchmarks.invoker`), and they are asked in turn.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from benchmarks.measure import Settings, in_turn, median, ratio
from benchmarks.networks import flatbuffers
from benchmarks.rows import Row

from genre_daemon.inference.bundle import SHIPPED, read_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_LITERT = "ai_edge_litert.interpreter"
_OTHER = "tflite_runtime.interpreter"
_INVOCATIONS = 5
"""At a time, so that asking costs nothing beside them."""


class Way(NamedTuple):
    """A way to run the network."""

    module: str
    weights: str
    threads: int

    def __str__(self) -> str:
        runtime = "LiteRT" if self.module == _LITERT else "tflite-runtime"
        return f"{runtime}, {self.weights}, {self.threads} thread" + "s" * (
            self.threads > 1
        )


DEFAULT = Way(_LITERT, "int8", 1)
"""What the daemon does."""


def rows(settings: Settings) -> Iterator[Row]:
    """Compare each way with the default."""
    if not (settings.run / "model.keras").is_file():
        why = f"no model.keras in {settings.run.name}"
        yield Row("other runtimes, float, 2 threads", str(DEFAULT), None, note=why)
        return
    pythons = {_LITERT: Path(sys.executable)}
    if settings.other_runtime.is_file():
        pythons[_OTHER] = settings.other_runtime
    models = flatbuffers(settings.run, read_bundle(SHIPPED).info.spec)
    ways = [
        Way(module, weights, threads)
        for module in pythons
        for weights in models
        for threads in (1, 2)
        if threads == 1 or weights in ("int8", "float")
    ]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for weights, flatbuffer in models.items():
            (folder / weights).write_bytes(flatbuffer)
        asked = {
            way: stack.enter_context(
                Invoker(pythons[way.module], way, folder / way.weights)
            )
            for way in ways
        }
        in_turn(*(one.invoke for one in asked.values()), repeats=settings.repeats)
        times = {way: one.times(settings.repeats) for way, one in asked.items()}
        yield from _compare(times, {way: one.version for way, one in asked.items()})
    if _OTHER not in pythons:
        why = "it has no environment: make .venv-tflite/.ready"
        yield Row("tflite-runtime", str(DEFAULT), None, note=why)


def _compare(
    times: dict[Way, NDArray[np.float64]], versions: dict[Way, str]
) -> Iterator[Row]:
    default = times.pop(DEFAULT)
    yield Row(
        f"inference: {DEFAULT}",
        f"version {versions[DEFAULT]}",
        median(1e3 * default[:, 0]),
        unit="ms",
    )
    for way, taken in times.items():
        clock = ratio(taken[:, 1], default[:, 1]).value
        note = f"by the clock {clock:.2f}; version {versions[way]}"
        yield Row(
            f"inference: {way}",
            "the first",
            ratio(taken[:, 0], default[:, 0]),
            note=note,
        )


class Invoker:
    """A process that invokes a model, as a context manager.

    Parameters
    ----------
    python : Path
        Of an environment that has the runtime.
    way : Way
    model : Path
    """

    def __init__(self, python: Path, way: Way, model: Path) -> None:
        script = Path(__file__).with_name("invoker.py")
        self._command = [str(python), str(script), way.module, str(model)]
        self._command.append(str(way.threads))
        self._way = way
        self._times: list[tuple[float, float]] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.version = self._line()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.communicate()

    def invoke(self) -> None:
        """Have it invoke the model some times."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.write(f"{_INVOCATIONS}\n")
        self._process.stdin.flush()
        processor, clock = map(float, self._line().split())
        self._times.append((processor / _INVOCATIONS, clock / _INVOCATIONS))

    def times(self, count: int) -> NDArray[np.float64]:
        """Return the last times, shape (count, 2): processor and clock, seconds."""
        return np.array(self._times[-count:])

    def _line(self) -> str:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        line: str = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"{self._way} does not run")
        return line
