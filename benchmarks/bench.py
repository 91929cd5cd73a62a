"""``make bench``: what a hop costs, as ratios within one run.

Each pair is measured in turn, many times, and the medians of CPU time are compared,
so that a machine whose speed drifts does not favour either side.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import librosa
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from rich.console import Console
from rich.table import Table

from genre_daemon.features.logmel import LogMel
from genre_daemon.features.patches import standardise
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_REPEATS = 60
_RATE = 22_050


def cpu_ms(*work: Callable[[], object]) -> list[float]:
    """Return the median CPU milliseconds of each, run in turn."""
    times: list[list[float]] = [[] for _ in work]
    for repeat in range(_REPEATS + 5):
        for taken, function in zip(times, work, strict=True):
            begin = time.process_time()
            function()
            if repeat >= 5:  # noqa: PLR2004 - warm-up
                taken.append(1e3 * (time.process_time() - begin))
    return [statistics.median(taken) for taken in times]


def features_of_a_second(y: NDArray[np.float32]) -> tuple[str, float, float]:
    """Streaming log-mel of a second against librosa's over the same second."""
    stage, second = LogMel(FeatureSpec()), y[:_RATE]
    ours, theirs = cpu_ms(
        lambda: stage.push(second),
        lambda: librosa.feature.melspectrogram(y=second, sr=_RATE, center=False),
    )
    return "log-mel of 1 s / librosa of 1 s", ours, theirs


def hop(y: NDArray[np.float32]) -> tuple[str, float, float]:
    """One hop of the daemon against librosa over 5 s and the same model."""
    bundle = read_bundle(SHIPPED)
    pipeline, classifier = Pipeline(bundle, _RATE), Classifier(bundle)
    for start in range(0, 6 * _RATE, _RATE):
        list(pipeline.push(y[start : start + _RATE]))

    def batch() -> None:
        power = librosa.feature.melspectrogram(y=y[:112_128], sr=_RATE, center=False)
        classifier.push(standardise(librosa.power_to_db(power).T, 80.0))

    ours, theirs = cpu_ms(lambda: list(pipeline.push(y[:_RATE])), batch)
    return "hop / librosa of 5 s + the same model", ours, theirs


def yamnet(y: NDArray[np.float32], path: Path) -> tuple[str, float, float]:
    """One hop of the daemon against YAMNet over the same second."""
    pipeline = Pipeline(read_bundle(SHIPPED), _RATE)
    for start in range(0, 6 * _RATE, _RATE):
        list(pipeline.push(y[start : start + _RATE]))
    model = Interpreter(model_path=str(path), num_threads=1)
    model.allocate_tensors()
    index = model.get_input_details()[0]["index"]
    second = y[:15_600].reshape(model.get_input_details()[0]["shape"])

    def peer() -> None:
        model.set_tensor(index, second)
        model.invoke()

    ours, theirs = cpu_ms(lambda: list(pipeline.push(y[:_RATE])), peer)
    return "hop / YAMNet of 0.975 s", ours, theirs


def main() -> None:
    """Print the table."""
    noise = np.random.default_rng(440).standard_normal(10 * _RATE)
    y = np.asarray(noise / 10, np.float32)
    rows = [features_of_a_second(y), hop(y)]
    beside = Path(__file__).parents[2] / "shared" / "data"
    data = Path(os.environ.get("GENRE_LISTEN_DATA", beside))
    if (data / "yamnet" / "yamnet.tflite").is_file():
        rows.append(yamnet(y, data / "yamnet" / "yamnet.tflite"))
    table = Table("CPU time", "ours, ms", "theirs, ms", "ratio")
    for title, ours, theirs in rows:
        table.add_row(title, f"{ours:.3f}", f"{theirs:.3f}", f"{ours / theirs:.3f}")
    console = Console()
    console.print(table)
    console.print(
        f"medians of {_REPEATS}, in turn; one thread; {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {sys.version.partition(' ')[0]}, "
        f"numpy {np.__version__}"
    )


if __name__ == "__main__":
    main()
