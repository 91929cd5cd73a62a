"""``make bench``: what it costs to listen, as one table.

    python -m benchmarks.bench [FAMILY...] [--data FOLDER] [--profile] [--instructions]

Each family of rows comes from a module of this folder; this one gathers and prints.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    counted,
    features,
    hop,
    recordings,
    running,
    runtimes,
    sources,
    training,
)
from benchmarks.layers import layers
from benchmarks.machine import machine
from benchmarks.measure import Settings
from benchmarks.rows import HEAD
from benchmarks.stages import HOP, stages
from rich.console import Console
from rich.table import Table

from genre_daemon.inference.bundle import SHIPPED, read_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from benchmarks.rows import Row

    Family = Callable[[Settings], Iterator[Row]]

_WIDTH = 150
_HOPS = 300
_DEAREST = 12

FAMILIES: dict[str, Family] = {
    "features": features.rows,
    "hop": hop.rows,
    "runtimes": runtimes.rows,
    "recordings": recordings.rows,
    "running": running.rows,
    "sources": sources.rows,
    "training": training.rows,
}
"""What can be asked for by name, in the order of the table."""


def main() -> None:
    """Run from the command line."""
    arguments = _arguments()
    settings = Settings(data=arguments.data, bundle=arguments.bundle)
    # Where it is no terminal, it is a file to be read in an editor.
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    console.print(machine())
    if arguments.profile:
        console.print(_stages(settings), _layers(settings))
    elif arguments.instructions:
        _measure(console, {"instructions": counted.rows}, settings)
    else:
        asked = arguments.family or FAMILIES
        _measure(console, {name: FAMILIES[name] for name in asked}, settings)


def _measure(
    console: Console, families: Mapping[str, Family], settings: Settings
) -> None:
    table = Table(*HEAD)
    for name, family in families.items():
        with console.status(f"measuring {name} ..."):
            for row in family(settings):
                table.add_row(*row.cells())
    console.print(table)
    console.print(
        "Ratios of medians of processor time on one thread, taken in turn; intervals "
        "by bootstrap over the n repeats. 'yes' and 'no' hold for the whole interval."
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Measure what it costs to listen, and print one table."
    )
    parser.add_argument("family", nargs="*", help=", ".join(FAMILIES))
    data = os.environ.get("GENRE_LISTEN_DATA")
    parser.add_argument(
        "--data", type=Path, default=data and Path(data), help="holds yamnet/"
    )
    parser.add_argument(
        "--bundle", type=Path, default=SHIPPED, help="the model that is measured"
    )
    parser.add_argument(
        "--profile", action="store_true", help="where the time of a hop goes, instead"
    )
    parser.add_argument(
        "--instructions", action="store_true", help="count instructions, instead (slow)"
    )
    arguments = parser.parse_args()
    for name in arguments.family:
        if name not in FAMILIES:
            parser.error(f"no family {name!r}: there are {', '.join(FAMILIES)}")
    return arguments


def _stages(settings: Settings) -> Table:
    found = stages(read_bundle(settings.bundle), _HOPS)
    shares = {name: taken / found[HOP] for name, taken in found.items()}
    cells = [(k, f"{v:.0f}", f"{shares[k]:.0%}") for k, v in found.items()]
    return _table(("stage", "µs", "share"), cells)


def _layers(settings: Settings) -> Table:
    flatbuffer = read_bundle(settings.bundle).flatbuffer
    found = list(layers(flatbuffer, settings.repeats))
    total = sum(taken for _, _, taken in found)
    found.sort(key=lambda layer: -layer[2])
    rest = sum(taken for _, _, taken in found[_DEAREST:])
    kept = [*found[:_DEAREST], (f"the other {len(found) - _DEAREST}", "", rest)]
    cells = [(a, b, f"{t:.0f}", f"{t / total:.0%}") for a, b, t in kept]
    return _table(("layer", "gives", "µs", "share"), cells)


def _table(head: tuple[str, ...], cells: Iterable[tuple[str, ...]]) -> Table:
    table = Table(*head)
    for row in cells:
        table.add_row(*row)
    return table


if __name__ == "__main__":
    main()
