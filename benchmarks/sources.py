"""Many sources: how many fit one core, and what one more costs.

In one process first, with a pipeline each and one model for all, as the daemon has
them; then in the daemon itself, with its threads and its messages to a real broker.
Both daemons run at once, so that what slows one slows the other.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from benchmarks.measure import Figure, Settings, in_turn, median, ratio
from benchmarks.music import RATE, music, second
from benchmarks.rows import Row, at_least, at_most
from tests.integration.broker import Broker
from tests.proof.measure import sample

from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MANY = 500
"""Sources of one process: their state is far larger than any cache."""

_FEW = 40
"""Sources of the daemon that is watched."""
_MICROPHONE_RATE = 48_000
_BLOCKS = 4  # a second, as microphones and streams give them
_SETTLE_S = 15.0


def rows(settings: Settings) -> Iterator[Row]:
    """Measure pipelines, then daemons."""
    classifier = Classifier(read_bundle(SHIPPED))
    one, many = listening(classifier, 1), listening(classifier, MANY)
    alone, among = in_turn(
        lambda: [one() for _ in range(MANY)],
        lambda: [many() for _ in range(MANY)],
        repeats=settings.runs,
    )
    yield Row(
        f"hop of one source among {MANY}",
        "a hop of the only source",
        ratio(among, alone),
        at_most(1.0, "1"),
    )
    target = at_least(500.0, "500")
    what = "sources that one core can hear, a hop a second each"
    yield Row(what, "22 kHz, a channel", median(MANY / among), target)
    microphones = listening(classifier, 50, _MICROPHONE_RATE)
    (busy,) = in_turn(lambda: [microphones() for _ in range(50)], repeats=settings.runs)
    yield Row(what, "48 kHz, two channels, in quarters", median(50 / busy), target)
    yield from _daemons(settings)


def listening(
    classifier: Classifier, count: int, rate: int = RATE
) -> Callable[[], object]:
    """Return work that pushes a second into the next of some full pipelines."""
    pipelines = [Pipeline(classifier, rate) for _ in range(count)]
    turns, numbers = itertools.cycle(pipelines), itertools.count()

    def hop() -> object:
        blocks = [second(next(numbers))]
        if rate != RATE:
            # Twice as much of the same samples: what they hold costs nothing.
            stereo = np.resize(blocks[0], (rate, 2))
            blocks = np.array_split(stereo, _BLOCKS)
        pipeline = next(turns)
        return [verdict for block in blocks for verdict in pipeline.push(block)]

    while not hop():
        pass
    for _ in range(count - 1):
        hop()
    return hop


def _daemons(settings: Settings) -> Iterator[Row]:
    """Watch a daemon of one source and one of several, side by side."""
    what = f"genre-daemon run of {_FEW} sources"
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        yield Row(what, "", None, note="not installed: mosquitto")
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # as root, Mosquitto becomes another user
        broker = Broker(program, folder)
        broker.start()
        stack.callback(broker.stop)
        length_s = 2 * _SETTLE_S + settings.steady_s
        soundfile.write(
            folder / "music.wav", np.resize(music(), int(length_s * RATE)), RATE
        )
        few, one = (
            stack.enter_context(_daemon(folder, broker.port, count))
            for count in (_FEW, 1)
        )
        time.sleep(_SETTLE_S)
        slice_s = settings.steady_s / settings.runs
        spent = np.array([_spent((few, one), slice_s) for _ in range(settings.runs)])
        threads, only = (sample(pid, 0.0) for pid in (few, one))
    extra = (spent[:, 0] - spent[:, 1]) / (_FEW - 1)
    yield Row(
        f"{what}: processor a second, each source more",
        "the only source of another",
        ratio(extra, spent[:, 1]),
        at_most(1.0, "1"),
    )
    yield Row(f"{what}: processor a second", "", median(1e3 * spent[:, 0]), unit="ms")
    memory = (threads.rss_kb - only.rss_kb) / 1024 / (_FEW - 1)
    figure = Figure(memory, memory, memory, 1)
    yield Row(f"{what}: memory, each source more", "", figure, unit="MB")


@contextmanager
def _daemon(folder: Path, port: int, count: int) -> Iterator[int]:
    """Run a daemon that plays the same recording in some rooms; give its process."""
    config = folder / f"{count}.toml"
    table = f'[[source]]\nname = "room-{{}}-{count}"\ndevice = "{folder}/music.wav"\n'
    config.write_text(
        f'[node]\nname = "of-{count}"\n[mqtt]\nhost = "127.0.0.1"\nport = {port}\n'
        + "".join(table.format(number) for number in range(count))
    )
    command = [sys.executable, "-m", "genre_daemon", "run", "--config", str(config)]
    process = subprocess.Popen(  # noqa: S603 - no input of strangers
        command,
        env={**os.environ, "XDG_STATE_HOME": str(folder / str(count))},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _spent(pids: tuple[int, int], span_s: float) -> list[float]:
    """Return the processor seconds a second that each process takes meanwhile."""
    before = [sample(pid, time.monotonic()) for pid in pids]
    time.sleep(span_s)
    after = [sample(pid, time.monotonic()) for pid in pids]
    return [
        (end.cpu_s - begin.cpu_s) / (end.time_s - begin.time_s)
        for begin, end in zip(before, after, strict=True)
    ]
