"""So many hops of work and nothing else, for whoever counts instructions.

python -m benchmarks.hops STAGE N
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.features.logmel import LogMel
from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MICROPHONE = 48_000
"""Hertz: what a USB microphone gives."""


def noise(n: int) -> NDArray[np.float32]:
    """Return sound for which every stage has to work, shape (n,)."""
    samples = np.random.default_rng(440).standard_normal(n) / 10
    return samples.astype(np.float32)


def hop() -> Callable[[], object]:
    """All of a hop: resampling, features, level, inference, smoothing."""
    pipeline = Pipeline(read_bundle(SHIPPED), MICROPHONE)
    second = noise(MICROPHONE)
    for _ in range(6):  # until there is a patch at every hop
        list(pipeline.push(second))
    return lambda: list(pipeline.push(second))


def logmel() -> Callable[[], object]:
    """Return a second of log-mel frames."""
    spec = read_bundle(SHIPPED).info.spec
    stage, second = LogMel(spec), noise(spec.sample_rate)
    return lambda: stage.push(second)


def inference() -> Callable[[], object]:
    """One chunk through the model: what a hop brings."""
    bundle = read_bundle(SHIPPED)
    classifier, spec = Classifier(bundle), bundle.info.spec
    chunk = noise(spec.chunk_frames * spec.n_mels)
    return lambda: classifier.hear(chunk.reshape(spec.chunk_frames, spec.n_mels))


STAGES: dict[str, Callable[[], Callable[[], object]]] = {
    "hop": hop,
    "logmel": logmel,
    "inference": inference,
}


def main(stage: str, repeats: str) -> None:
    """Do a stage's work again and again."""
    work = STAGES[stage]()
    for _ in range(int(repeats)):
        work()


if __name__ == "__main__":
    main(*sys.argv[1:])
