"""``genre-daemon file`` on an hour of music, as a person runs it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from benchmarks.measure import Settings, in_turn, median
from benchmarks.music import RATE, music
from benchmarks.rows import Row, at_least

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPICAL_RATE = 44_100


def rows(settings: Settings) -> Iterator[Row]:
    """Classify the same hour in the format that costs least, and in a usual one."""
    with tempfile.TemporaryDirectory() as folder:
        plain, usual = Path(folder) / "plain.wav", Path(folder) / "usual.flac"
        _write(plain, settings.recording_s, RATE, 1)
        _write(usual, settings.recording_s, _TYPICAL_RATE, 2)
        times = in_turn(
            lambda: _classify(plain, settings.bundle),
            lambda: _classify(usual, settings.bundle),
            repeats=settings.runs,
            warm_up=0,
            clock=_children_s,
        )
    what = f"genre-daemon file, {settings.recording_s / 3600:g} h"
    target = at_least(1_000, "1000 times")
    for taken, kind in zip(
        times, (f"WAV {RATE} Hz mono", f"FLAC {_TYPICAL_RATE} Hz stereo"), strict=True
    ):
        speed = median(settings.recording_s / taken)
        yield Row(f"{what}, {kind}", "real time, one core", speed, target, "times")


def _write(path: Path, length_s: float, rate: int, channels: int) -> None:
    """Write the music over and over, at another rate by holding each sample.

    What that does to the sound costs neither decoder nor pipeline anything else.
    """
    block = np.repeat(music(), rate // RATE)
    block = np.stack([block] * channels, axis=1)
    left = round(length_s * rate)
    with soundfile.SoundFile(path, "w", rate, channels, "PCM_16") as file:
        while left > 0:
            file.write(block[:left])
            left -= len(block)


def _classify(path: Path, bundle: Path) -> None:
    command = [sys.executable, "-m", "genre_daemon", "file", "--json", str(path)]
    command += ["--bundle", str(bundle)]
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run(command, env=one_thread, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def _children_s() -> float:
    """Return the processor seconds of all programs that were run."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
