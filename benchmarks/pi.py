"""The expected load of Raspberry Pis: instructions that were counted, speeds published.

    python -m benchmarks.pi PYTHON ROOT [DATA]

``PYTHON`` runs aarch64 code in qemu, with the system in ``ROOT``; ``make arm64`` makes
both. An estimate: no Pi was measured. With ``DATA/yamnet/yamnet.tflite``, what YAMNet
takes for a second is counted, too.

Derivation
----------
Work of n and of 3 n hops is run by the emulator, which counts the instructions; the
difference over 2 n is one hop, without start and imports. Seconds a hop are these over
instructions a second, for which two figures are taken: the single-threaded rating of
7-zip on that board (in millions of instructions a second, by 7-zip's own reckoning;
compression misses caches more than our kernels do), and, as a cautious bound, one
instruction every second cycle.

References
----------
T. Kaiser, sbc-bench, https://github.com/ThomasKaiser/sbc-bench, Sorted-Results.md,
table "7-zip MIPS single-threaded": results 3E85, 1iGM, 3OBF, Au3jaA.
QEMU, "TCG Plugins", https://www.qemu.org/docs/master/devel/tcg-plugins.html
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cores import A53, A72, A76, Core
from benchmarks.hops import MICROPHONE, STAGES
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HOPS = 5
_PLUGIN = Path(__file__).with_name("instructions.c")
_INVOKER = Path(__file__).with_name("invoker.py")
_COUNTED = re.compile(r"^instructions (\d+)$", re.MULTILINE)
_CAUTIOUS_IPC = 0.5


@dataclass(frozen=True)
class Board:
    """A Raspberry Pi."""

    name: str
    core: Core
    mhz: int
    mips: int
    """7-zip's rating of one core at that clock."""

    def share(self, instructions: float, *, cautious: bool) -> float:
        """Return the share of a core that work every second takes, in [0, ...)."""
        millions = self.mhz * _CAUTIOUS_IPC if cautious else self.mips
        return instructions / (1e6 * millions)


BOARDS = (
    Board("Zero 2 W", A53, mhz=1000, mips=838),
    Board("3B+", A53, mhz=1400, mips=856),
    Board("4", A72, mhz=1800, mips=1769),
    Board("5", A76, mhz=2400, mips=3196),
)


class Counter:
    """Counts what Python executes in the emulator.

    Parameters
    ----------
    python, root : Path
        As on the command line.
    plugin : Path
        Where to build the plug-in that counts.
    """

    def __init__(self, python: Path, root: Path, plugin: Path) -> None:
        command = ["cc", "-shared", "-fPIC", "-O2", "-o", str(plugin), str(_PLUGIN)]
        subprocess.run(command, check=True)  # noqa: S603 - a compiler, our own file
        self._python, self._root, self._plugin = python, root, plugin

    def per_hop(self, core: Core, stage: str) -> float:
        """Return the instructions that a stage's work of one hop takes."""
        command = ["-m", "benchmarks.hops", stage]
        return _each(lambda n: self._run(core, [*command, str(n)]))

    def per_invocation(self, core: Core, model: Path) -> float:
        """Return the instructions that one inference of a model takes."""
        command = [str(_INVOKER), "ai_edge_litert.interpreter", str(model), "1"]
        return _each(lambda n: self._run(core, command, f"{n}\n"))

    def _run(self, core: Core, arguments: Sequence[str], text: str = "") -> int:
        core.show(self._root)
        done = subprocess.run(  # noqa: S603 - what the command line names
            [self._python, *arguments],
            check=True,
            input=text,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "QEMU_CORE": core.name,
                "QEMU_PLUGIN": str(self._plugin),
                "PYTHONHASHSEED": "0",
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
        counted = _COUNTED.search(done.stderr)
        if counted is None:
            raise RuntimeError(f"the emulator counted nothing: {done.stderr[-500:]}")
        return int(counted[1])


def _each(counted: Callable[[int], int]) -> float:
    """Return what one of many takes, of which two runs have different numbers."""
    return (counted(3 * _HOPS) - counted(_HOPS)) / (2 * _HOPS)


def main(python: str, root: str, data: str = "") -> None:
    """Count, and print the table."""
    yamnet = Path(data) / "yamnet" / "yamnet.tflite"
    with tempfile.TemporaryDirectory() as folder:
        counter = Counter(Path(python), Path(root), Path(folder) / "count.so")
        counts = {
            core: {stage: counter.per_hop(core, stage) for stage in STAGES}
            for core in dict.fromkeys(board.core for board in BOARDS)
        }
        if data and yamnet.is_file():
            for core, counted in counts.items():
                counted["YAMNet"] = counter.per_invocation(core, yamnet)
    A53.show(Path(root))
    console = Console(width=120)
    console.print(_table(counts))
    console.print(
        f"Millions of aarch64 instructions a hop, counted over {2 * _HOPS} hops of "
        f"noise at {MICROPHONE} Hz; 'all' is with resampling, level and smoothing, "
        "without sound server, kernel, MQTT and start. The first figure of a range is "
        "at 7-zip's published rating, the second at an instruction every second cycle. "
        "YAMNet's are of the model alone, for the same second."
    )


def _table(counts: dict[Core, dict[str, float]]) -> Table:
    table = Table(
        *("Raspberry Pi", "core", "log-mel", "inference", "all", "ms a hop", "load"),
        *("YAMNet", "all / YAMNet"),
        title="Estimated load, one hop a second (no Pi was measured)",
    )
    for board in BOARDS:
        counted = counts[board.core]
        low, high = (board.share(counted["hop"], cautious=one) for one in (False, True))
        yamnet = counted.get("YAMNet")
        table.add_row(
            board.name,
            f"{board.core.name}, {board.mhz} MHz",
            *(_millions(counted[stage]) for stage in ("logmel", "inference", "hop")),
            f"{1e3 * low:.0f} to {1e3 * high:.0f}",
            f"{low:.1%} to {high:.1%}",
            "" if yamnet is None else _millions(yamnet),
            "" if yamnet is None else f"{counted['hop'] / yamnet:.2f}",
        )
    return table


def _millions(count: float) -> str:
    return f"{count / 1e6:.1f} M"


if __name__ == "__main__":
    main(*sys.argv[1:])
