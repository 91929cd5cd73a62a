"""Records through ``Microphone`` in a process of its own, and tells how it went.

PortAudio reads the environment once for the whole process, so each test of it needs
a new one. Run as ``python recorder.py DEVICE SECONDS OUTPUT.npy [again]``; with
``again`` it opens the microphone anew whenever that fails, until the time is over.
It prints one JSON object and then lives on, its device closed, until stdin ends.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import AudioError
from genre_daemon.sources.capture import Microphone

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class Told:
    """How it went."""

    name: str = ""
    rate: int = 0
    opened: int = 0
    reads: int = 0
    lost_s: float = 0.0
    overflows: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Class and message of each error."""


def record(
    device: str, seconds: float, *, again: bool
) -> tuple[Told, list[NDArray[np.float32]]]:
    """Record; return how it went, and the blocks."""
    told = Told()
    blocks = []
    microphone = Microphone(device)
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        try:
            with microphone:
                told.name, told.rate = microphone.name, microphone.rate
                told.opened += 1
                while time.monotonic() < began + seconds:
                    block = microphone.read(0.5)
                    told.reads += 1
                    if block is not None:
                        blocks.append(block.samples)
                        told.lost_s += block.lost_s
        except AudioError as error:
            told.errors.append((type(error).__name__, str(error)))
            if not again:
                break
            time.sleep(0.2)
        told.overflows = microphone.overflows
    return told, blocks


if __name__ == "__main__":
    answer, heard = record(
        sys.argv[1], float(sys.argv[2]), again=sys.argv[4:] == ["again"]
    )
    np.save(Path(sys.argv[3]), np.concatenate(heard) if heard else np.empty((0, 1)))
    print(json.dumps(asdict(answer)), flush=True)  # noqa: T201 - the result
    sys.stdin.read()
