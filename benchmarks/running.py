"""``genre-daemon run`` in a room with music: start, memory, and what it is like after.

The room is the one of the soak: a real sound server, a real broker, music at real
time, the daemon in a process of its own.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Settings, median
from benchmarks.rows import Row, at_most
from tests.integration.client import Client
from tests.proof.measure import sample
from tests.proof.stage import ROOT, Player, Stage, missing_programs, write_demo

from genre_daemon.inference.bundle import SHIPPED, read_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE_S = 60.0
_BLOCK_S = 2.0
"""What the null sink has rendered ahead, at most, before it is asked for less."""
_TOTAL = re.compile(r"^100\.00.*?(\d+) +(?:\d+ +)?total$", re.MULTILINE)


def rows(settings: Settings) -> Iterator[Row]:
    """Start it some times, and watch the last one."""
    if missing := missing_programs():
        why = f"not installed: {', '.join(missing)}"
        yield Row("genre-daemon run", "", None, note=why)
        return
    with Stage() as stage:
        stage.pulse.env["GENRE_LISTEN_MQTT_PREDICTIONS"] = "true"
        music = write_demo(stage.folder / "music.wav")
        with Player(stage.pulse, [music]):
            with _as_prompt_as_a_card(stage):
                yield _starts(stage, settings.runs)
            yield from _steady(stage, settings)


@contextlib.contextmanager
def _as_prompt_as_a_card(stage: Stage) -> Iterator[None]:
    """Have the null sink render small blocks, by someone who asks for them.

    Left to itself it renders two seconds at once, so that who begins to listen waits
    up to two seconds for the first sample; a sound card lets nobody wait.
    """
    command = ["parec", "--latency-msec=20"]
    with subprocess.Popen(  # noqa: S603 - no input of strangers
        command, env=stage.pulse.env, stdout=subprocess.DEVNULL
    ) as other:
        time.sleep(_BLOCK_S)
        try:
            yield
        finally:
            other.terminate()


class _Verdicts(Client):
    """Waits for what the daemon says of a hop."""

    def __init__(self, port: int) -> None:
        super().__init__(port, f"{ROOT}/prediction")
        self.came = threading.Event()

    def receive(self, _message: object) -> None:
        """Take a message; called on the client's thread."""
        self.came.set()


def _starts(stage: Stage, runs: int) -> Row:
    """Time the way to the first verdict; leave the last daemon running."""
    patch_s = read_bundle(SHIPPED).info.spec.patch_s
    times = []
    with _Verdicts(stage.broker.port) as verdicts:
        for _ in range(runs):
            stage.stop()
            verdicts.came.clear()
            begin = time.perf_counter()
            stage.start()
            if not verdicts.came.wait(_PATIENCE_S):
                raise TimeoutError(f"no verdict: {stage.log.read_text()}")
            times.append(time.perf_counter() - begin - patch_s)
    return Row(
        "start to first verdict, beyond the window",
        f"the {patch_s:.1f} s of the window, by the clock",
        median(times),
        at_most(1.5, "1.5 s"),
        "s",
    )


def _steady(stage: Stage, settings: Settings) -> Iterator[Row]:
    assert stage.daemon is not None  # noqa: S101 - it was started
    pid, slice_s = stage.daemon.pid, settings.steady_s / settings.runs
    memory, processor, wakes = [], [], []
    threads = _threads_ms(pid)
    for _ in range(settings.runs):
        before, woken = sample(pid, time.monotonic()), _wake_ups(pid)
        time.sleep(slice_s)
        after = sample(pid, time.monotonic())
        span_s = after.time_s - before.time_s
        memory.append(after.rss_kb / 1024)
        processor.append(1e3 * (after.cpu_s - before.cpu_s) / span_s)
        wakes.append((_wake_ups(pid) - woken) / span_s)
    yield Row(
        f"genre-daemon run: resident memory after {settings.steady_s:.0f} s",
        "after an hour: docs/reliability.md",
        median(memory),
        at_most(80.0, "80 MB"),
        "MB",
    )
    spent = [now - threads.get(name, 0.0) for name, now in _threads_ms(pid).items()]
    most = ", ".join(f"{x / settings.steady_s:.1f}" for x in sorted(spent)[:-5:-1])
    yield Row(
        "genre-daemon run: processor a second",
        "",
        median(processor),
        unit="ms",
        note=f"by thread {most}, ...",
    )
    yield Row("genre-daemon run: wake-ups a second", "", median(wakes))
    what = "genre-daemon run: system calls a second"
    if shutil.which("strace") is None:
        yield Row(what, "", None, note="not installed: strace")
        return
    try:
        calls = [_system_calls(pid, slice_s) / slice_s for _ in range(settings.runs)]
    except PermissionError as error:
        yield Row(what, "", None, note=str(error))
    else:
        yield Row(what, "", median(calls), note="under strace")


def _threads_ms(pid: int) -> dict[str, float]:
    """Return the processor milliseconds that each thread has had."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return {x.parent.name: int(x.read_text().split()[0]) / 1e6 for x in files}


def _wake_ups(pid: int) -> int:
    """Count how often its threads have gone to sleep by themselves."""
    count = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        found = re.search(
            r"^voluntary_ctxt_switches:\s*(\d+)", status.read_text(), re.MULTILINE
        )
        count += int(found[1]) if found else 0
    return count


def _system_calls(pid: int, length_s: float) -> int:
    """Have strace count for so long.

    Raises
    ------
    PermissionError
        If the system does not let one program watch another.
    """
    command = ["timeout", "--signal=INT", str(length_s)]
    command += ["strace", "-c", "-f", "-q", "-p", str(pid)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - no input of strangers
    total = _TOTAL.search(done.stderr)
    if total is None:
        raise PermissionError(f"strace may not look: {done.stderr.strip()}")
    return int(total[1])
