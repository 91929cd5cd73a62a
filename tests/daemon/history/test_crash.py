"""A history and the worst: a daemon that is killed, a disk that is full."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from tests.daemon.history.keeping import (
    DAEMON,
    NOW_S,
    eventually,
    is_there,
    read,
)

from genre_daemon.history import recorder as module
from genre_daemon.history.recorder import (
    History,
    PastSegment,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("memory")


WRITER = """
import sys, time
from pathlib import Path
from genre_daemon.history.recorder import History
with History(Path(sys.argv[1]), node="attic", model="model 1") as history:
    second = float(sys.argv[2])
    print("ready", flush=True)
    while True:
        history.push(second, "jazz" if second % 4 < 2 else "pop", 0.5)
        second += 1
        time.sleep(0.0005)
        print(second, flush=True)
"""


@pytest.fixture
def killed(tmp_path: Path) -> Callable[[Path, float, int], None]:
    """Run a writer as fast as it can, and kill it after so many seconds of music."""

    def run(path: Path, start_s: float, pushes: int) -> None:
        environ = {**os.environ, "PYTHONPATH": str(DAEMON)}
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(start_s)],
            env=environ,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            for _ in range(pushes):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)

    return run


@pytest.mark.slow
def test_a_history_survives_being_killed_again_and_again(
    tmp_path: Path, killed: Callable[[Path, float, int], None]
) -> None:
    path = tmp_path / "attic.sqlite3"
    chance = random.Random(440)  # noqa: S311 - when to kill is no secret
    known: list[PastSegment] = []
    for round_ in range(30):
        killed(path, NOW_S + 100_000 * round_, chance.randint(5, 200))
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = read(path)
        assert found[: len(known)] == known, "what was written stays written"
        assert all(a.end_s <= b.start_s for a, b in pairwise(found))
        known = found
    # Some are killed before their first row; most are not, even on a busy machine.
    assert len(known) > 30, "they did write"
    assert not path.with_name("attic.sqlite3.damaged").exists()


def test_the_open_segment_of_a_killed_daemon_is_found_again(
    tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "attic.sqlite3"
    environ = {**os.environ, "PYTHONPATH": str(DAEMON)}
    program = (
        "import sys, time; from pathlib import Path\n"
        "from genre_daemon.history import recorder\n"
        "recorder._TICK_S = 0.02\n"
        "with recorder.History(Path(sys.argv[1]), node='attic') as h:\n"
        f"    for i in range(45): h.push({NOW_S} + i, 'jazz', 0.8)\n"
        "    print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], env=environ, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        eventually(lambda: any(memory.glob("*.json")))
        time.sleep(0.2)
        process.kill()
    assert not is_there(path), "too short to have been worth a write"
    monkeypatch.setattr(module, "_TICK_S", 0.02)
    with History(path, node="attic"):
        eventually(lambda: is_there(path))
    (segment,) = read(path)
    assert (segment.start_s, segment.end_s) == (NOW_S - 1, NOW_S + 44)
    assert list(memory.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("only root may make a small file system")
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write until there is no room."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(4_096)):
            pass


def test_a_full_disk_stops_nothing_and_loses_nothing(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = small_disk / "attic.sqlite3"
    filler = small_disk / "filler"
    with History(path) as history:
        history.push(NOW_S, "jazz", 0.5)
        history.push(NOW_S + 1, "pop", 0.5)
        eventually(lambda: is_there(path))
        fill(filler)
        for i in range(2, 1_002):
            history.push(NOW_S + i, f"genre {i}", 0.5)
            time.sleep(0.0005)
        eventually(lambda: history.errors > 1)
        filler.unlink()
        history.push(NOW_S + 1_002, "jazz", 0.5)
        eventually(lambda: is_there(path, 1_001))
    found = read(path)
    assert len(found) == 1_003
    assert all(a.end_s == b.start_s for a, b in pairwise(found))
    assert history.lost == 0
    told = [m for m in caplog.messages if "listening goes on" in m]
    assert len(told) == 1, "one line a change"
    assert "disk is full" in told[0]
    assert caplog.messages[-1] == f"the history is written to {path} again"


def test_a_file_that_may_not_grow_stops_nothing(tmp_path: Path) -> None:
    # As a full disk does, for those who are not root.
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from genre_daemon.history.recorder import History\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))\n"
        "with History(Path(sys.argv[1])) as h:\n"
        f"    for i in range(2_000): h.push({NOW_S} + i, str(i % 2), 0.8)\n"
        "print(h.errors, h.lost)"
    )
    path = tmp_path / "attic.sqlite3"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env={**os.environ, "PYTHONPATH": str(DAEMON)},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert int(done.stdout.split()[0]) > 0
    assert "cannot be written" in done.stderr
