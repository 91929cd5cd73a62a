"""``genre-train`` as a process: to be run, waited for, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAM = (sys.executable, "-c", "from genre_train.cli import main; main()")
PATIENCE_S = 120.0


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, check=False, text=True
    )


def kill_when(condition: Callable[[], bool], *arguments: str | Path) -> None:
    """Start it, and kill it with all that it started once something holds."""
    with subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        wait_for(condition, process)
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def wait_for(
    condition: Callable[[], bool], process: subprocess.Popen[bytes] | None = None
) -> None:
    """Wait until something holds, while a process lives."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process is None or process.poll() is None, "it ended too early"
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)
