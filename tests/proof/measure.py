"""Figures of a running process, and whether they grow.

Conventions
-----------
Memory is resident memory in kB (1024 bytes, as the kernel counts). Times are seconds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCKS = 12
MIN_SAMPLES = 2 * _BLOCKS
"""Under which a trend is a guess."""
_STUDENT = 2.228
"""Of the t distribution, 95 %, two-sided, with ``_BLOCKS - 2`` degrees of freedom."""
_NOISE_KB = 512.0
"""What an allocator keeps or gives back in passing, here and there."""


@dataclass(frozen=True)
class Sample:
    """A process at one moment."""

    time_s: float
    rss_kb: int
    threads: int
    descriptors: int
    cpu_s: float
    """Processor time used since it began."""


def sample(pid: int, time_s: float) -> Sample:
    """Look at a process.

    Raises
    ------
    OSError
        If there is none with that number.
    """
    proc = Path(f"/proc/{pid}")
    status = dict(
        line.split(":", 1) for line in (proc / "status").read_text().splitlines()
    )
    after_name = (proc / "stat").read_text().rpartition(")")[2].split()
    ticks = int(after_name[11]) + int(after_name[12])
    return Sample(
        time_s=time_s,
        rss_kb=int(status["VmRSS"].split()[0]),
        threads=int(status["Threads"]),
        descriptors=sum(1 for _ in (proc / "fd").iterdir()),
        cpu_s=ticks / os.sysconf("SC_CLK_TCK"),
    )


@dataclass(frozen=True)
class Trend:
    """How fast a figure grows."""

    per_hour: float
    low: float
    high: float
    """Ends of the 95 % interval."""
    hours: float

    @property
    def grows(self) -> bool:
        """Whether it grows beyond what is noise."""
        return self.low > 0 and self.per_hour * self.hours > _NOISE_KB

    def __str__(self) -> str:
        return f"{self.per_hour:+.0f} kB/h ({self.low:+.0f} to {self.high:+.0f})"


def trend(times_s: Sequence[float], values: Sequence[float]) -> Trend:
    """Fit a line to the means of equal blocks, which neighbours hardly correlate.

    Parameters
    ----------
    times_s, values : sequence of float
        At least two a block of 12.

    Raises
    ------
    ValueError
        If there are fewer.
    """
    if len(times_s) < MIN_SAMPLES:
        raise ValueError(f"{MIN_SAMPLES} samples are needed, got {len(times_s)}")
    blocks = [block.mean() for block in np.array_split(np.asarray(times_s), _BLOCKS)]
    hours = np.array(blocks) / 3600.0
    means = [block.mean() for block in np.array_split(np.asarray(values), _BLOCKS)]
    centred = hours - hours.mean()
    spread = float(centred @ centred)
    slope = float(centred @ np.array(means)) / spread
    rest = np.array(means) - np.mean(means) - slope * centred
    error = float(np.sqrt(rest @ rest / (_BLOCKS - 2) / spread))
    span_h = (times_s[-1] - times_s[0]) / 3600.0
    margin = _STUDENT * error
    return Trend(slope, slope - margin, slope + margin, span_h)


def table(samples: Sequence[Sample], rows: int = 12) -> str:
    """Return evenly spaced samples as a table for people."""
    step = max(1, len(samples) // rows)
    lines = ["    time      RSS  threads  descriptors    CPU"]
    for one in [*samples[::step], samples[-1]]:
        hours, rest = divmod(int(one.time_s), 3600)
        clock = f"{hours:5d}:{rest // 60:02d}"
        counts = f"{one.threads:7d}  {one.descriptors:11d}  {one.cpu_s:5.0f} s"
        lines.append(f"{clock}  {one.rss_kb / 1024:5.1f} MB  {counts}")
    return "\n".join(lines)


def faults(samples: Sequence[Sample]) -> list[str]:
    """Return what grows, of samples taken after the start is over."""
    found = []
    memory = trend([s.time_s for s in samples], [s.rss_kb for s in samples])
    if memory.grows:
        found.append(f"memory grows by {memory}")
    quarter = max(1, len(samples) // 4)
    for name in ("threads", "descriptors"):
        values = [getattr(one, name) for one in samples]
        first, last = max(values[:quarter]), max(values[-quarter:])
        if last > first:
            found.append(f"{name} grow from {first} to {last}")
    return found
