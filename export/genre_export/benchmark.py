"""How long one patch takes on this machine, through the daemon's classifier."""

from __future__ import annotations

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
    """Milliseconds a patch."""

    median_ms: float
    p95_ms: float
    runs: int

    def render(self) -> str:
        """Write the figures for people."""
        return (
            f"median {self.median_ms:.2f} ms, p95 {self.p95_ms:.2f} ms a patch "
            f"({self.runs} runs, one thread)"
        )


def bench(bundle: Bundle, runs: int) -> Timing:
    """Time a bundle on patches of noise: the time does not depend on what is heard."""
    spec = bundle.info.spec
    noise = np.random.default_rng(0).normal(size=(spec.patch_frames, spec.n_mels))
    patch = standardise(noise.astype(np.float32), spec.top_db)
    classifier = Classifier(bundle)
    times = []
    for _ in range(_WARM_UP + runs):
        classifier.push(patch)
        times.append(classifier.inference_ms)
    kept = times[_WARM_UP:]
    return Timing(float(np.median(kept)), float(np.percentile(kept, 95)), runs)
