"""Whether the bundle can be used, and how long this machine takes for a hop."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.doctor.finding import Finding, note, problem, well
from genre_daemon.inference.bundle import read_bundle
from genre_daemon.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genre_daemon.config import Config

CHECK = "model"
HEADROOM = "cpu"

_RATE = 48_000  # Hz, of most microphones: resampling is part of a hop
_HOPS = 10
_BUSY, _OVERRUN = 0.25, 0.8  # of the time from hop to hop


def check(config: Config) -> Iterator[Finding]:
    """Load the bundle and have it judge noise."""
    bundle = read_bundle(config.bundle)
    spec = bundle.info.spec
    pipeline = Pipeline(bundle, _RATE)
    rng = np.random.default_rng(440)
    hop = round(_RATE * spec.hop_s)
    costs_s = []
    verdicts = 0
    for _ in range(round(spec.patch_s / spec.hop_s) + _HOPS):
        block = (0.1 * rng.standard_normal(hop)).astype(np.float32)
        begin = time.perf_counter()
        judged = list(pipeline.push(block))
        if judged:
            verdicts += 1
            costs_s.append(time.perf_counter() - begin)
            if not np.isfinite(judged[-1].probabilities).all():
                yield problem(
                    CHECK,
                    f"{config.bundle} gives probabilities that are no numbers",
                    "build the bundle again",
                )
                return
    hears = f"{spec.patch_s:.1f} s at {spec.sample_rate} Hz, every {spec.hop_s:g} s"
    names = f"{len(bundle.info.labels)} labels"
    yield well(CHECK, f"{bundle.info.title}: {names}, hears {hears}")
    yield judge_cost(median(costs_s), spec.hop_s)


def judge_cost(cost_s: float, hop_s: float) -> Finding:
    """Return what the time for a hop means.

    Parameters
    ----------
    cost_s, hop_s : float > 0
        Seconds of work a hop, and from hop to hop.
    """
    share = cost_s / hop_s
    found = f"a hop of {hop_s:g} s takes {1e3 * cost_s:.1f} ms ({share:.1%} of a core)"
    if share > _OVERRUN:
        return problem(
            HEADROOM,
            found,
            "hops will be dropped: stop other programs or take a smaller bundle",
        )
    if share > _BUSY:
        return note(HEADROOM, found, "other programs may make it drop hops")
    return well(HEADROOM, found)
