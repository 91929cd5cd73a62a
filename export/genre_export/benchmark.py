"""How long a hop takes on this machine, through the daemon's classifier."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.features.patches import standardise
from genre_daemon.inference.classifier import Classifier

if TYPE_CHECKING:
    from genre_daemon.inference.bundle import Bundle

_WARM_UP = 5


@dataclass(frozen=True)
class Timing:
    """Milliseconds a hop, which brings one new chunk."""

    median_ms: float
    p95_ms: float
    runs: int

    def render(self) -> str:
        """Write the figures for people."""
        return (
            f"median {self.median_ms:.2f} ms, p95 {self.p95_ms:.2f} ms a hop "
            f"({self.runs} runs, one thread)"
        )


def bench(bundle: Bundle, runs: int) -> Timing:
    """Time a bundle on chunks of noise: the time does not depend on what is heard."""
    spec = bundle.info.spec
    noise = np.random.default_rng(0).normal(size=(spec.chunk_frames, spec.n_mels))
    chunk = standardise(noise.astype(np.float32), spec.top_db)
    classifier = Classifier(bundle)
    times = []
    for _ in range(_WARM_UP + runs):
        begin = time.perf_counter()
        classifier.hear(chunk)
        times.append(1e3 * (time.perf_counter() - begin))
    kept = times[_WARM_UP:]
    return Timing(float(np.median(kept)), float(np.percentile(kept, 95)), runs)
