"""Whether two Pythons say the same of the same recordings.

``python -m tests.portability.verdicts OTHER/bin/python`` compares the daemon installed
there, on another machine type or with another runtime, with the one of this Python.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from genre_daemon.sources.demo import Demo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Verdicts = list[dict[str, Any]]
"""What ``genre-daemon file --json --windows`` prints, an object a recording."""


@dataclass(frozen=True)
class Difference:
    """How far two lists of verdicts on the same recordings are apart."""

    recordings: int
    other_genres: int
    """Recordings that the two give different genres."""
    windows: int
    other_windows: int
    """Predictions whose most probable label differs."""
    probability: float
    """Largest difference of a probability, in [0, 1]."""

    def __str__(self) -> str:
        """Write it for people."""
        return (
            f"{self.recordings} recordings, {self.other_genres} given another genre; "
            f"{self.windows} windows, {self.other_windows} with another first label; "
            f"probabilities differ by at most {self.probability:.4f}"
        )


def demo_music(path: Path, length_s: float) -> Path:
    """Write the beginning of the built-in demo as a WAV file."""
    blocks, length = [], 0
    with Demo(paced=False) as demo:
        while length < length_s * demo.rate:
            block = demo.read(timeout_s=30.0)
            assert block is not None
            blocks.append(block.samples)
            length += len(block.samples)
    soundfile.write(path, np.concatenate(blocks), Demo.rate)
    return path


def verdicts(python: Path, recordings: Sequence[Path]) -> Verdicts:
    """Ask the daemon that is installed for a Python."""
    command: list[Path | str] = [python.absolute(), "-m", "genre_daemon", "file"]
    # What is installed there is asked, not the source tree beside us.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*command, "--json", "--windows", *recordings],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
        cwd="/",
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def difference(first: Verdicts, second: Verdicts) -> Difference:
    """Compare two lists of verdicts on the same recordings.

    Raises
    ------
    ValueError
        If they are not of the same recordings, hop by hop.
    """
    pairs = list(zip(first, second, strict=True))
    windows = [
        (one, other)
        for a, b in pairs
        for one, other in zip(a["windows"], b["windows"], strict=True)
    ]
    return Difference(
        recordings=len(pairs),
        other_genres=sum(a["genre"] != b["genre"] for a, b in pairs),
        windows=len(windows),
        other_windows=sum(one["genre"] != other["genre"] for one, other in windows),
        probability=max(max(_apart(one, other)) for one, other in windows),
    )


def _apart(one: dict[str, Any], other: dict[str, Any]) -> Iterator[float]:
    for label, value in one["probabilities"].items():
        yield abs(value - other["probabilities"][label])


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", type=Path, help="another Python with the daemon")
    parser.add_argument("--tolerance", type=float, default=0.0, help="of probabilities")
    parser.add_argument(
        "--other-genres",
        type=int,
        default=0,
        help="recordings that may be given another genre",
    )
    parser.add_argument(
        "--music", type=Path, nargs="*", default=[], help="else the built-in demo"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        music = given.music or [demo_music(Path(folder) / "demo.wav", 60.0)]
        music = [path.resolve() for path in music]
        found = difference(
            verdicts(Path(sys.executable), music), verdicts(given.python, music)
        )
    sys.stdout.write(f"{found}\n")
    too_many = found.other_genres > given.other_genres
    return int(too_many or found.probability > given.tolerance)


if __name__ == "__main__":
    sys.exit(main())
