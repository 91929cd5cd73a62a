"""Whether growth is told from noise."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from tests.proof.measure import MIN_SAMPLES, Sample, faults, sample, table, trend

HOUR = np.arange(0.0, 3600.0, 10.0)
STEADY = Sample(time_s=0.0, rss_kb=80_000, threads=9, descriptors=17, cpu_s=1.0)


def hour(growth_kb: float, rng: np.random.Generator) -> list[Sample]:
    """An hour of samples that wander by 50 kB around a line."""
    noise = rng.normal(0, 50, HOUR.size)
    memory = STEADY.rss_kb + growth_kb * HOUR / 3600 + noise
    return [
        replace(STEADY, time_s=float(t), rss_kb=int(kb))
        for t, kb in zip(HOUR, memory, strict=True)
    ]


def test_a_line_is_found_with_its_interval(rng: np.random.Generator) -> None:
    samples = hour(2_000, rng)
    found = trend([s.time_s for s in samples], [s.rss_kb for s in samples])
    assert found.low < 2_000 < found.high
    assert found.per_hour == pytest.approx(2_000, abs=50)
    assert found.grows


@pytest.mark.parametrize("growth_kb", [0.0, -3_000.0, 200.0])
def test_noise_and_shrinking_are_no_growth(
    growth_kb: float, rng: np.random.Generator
) -> None:
    assert faults(hour(growth_kb, rng)) == []


def test_a_leak_is_a_fault(rng: np.random.Generator) -> None:
    (fault,) = faults(hour(1_500, rng))
    assert fault.startswith("memory grows by +1")


@pytest.mark.parametrize("name", ["threads", "descriptors"])
def test_one_more_that_stays_is_a_fault(name: str, rng: np.random.Generator) -> None:
    samples = hour(0, rng)
    more = [replace(s, **{name: getattr(s, name) + 1}) for s in samples[180:]]
    (fault,) = faults(samples[:180] + more)
    assert fault.startswith(f"{name} grow from")


def test_one_more_that_goes_again_is_none(rng: np.random.Generator) -> None:
    samples = hour(0, rng)
    samples[100] = replace(samples[100], threads=12)
    assert faults(samples) == []


def test_too_few_samples_are_no_trend() -> None:
    few = [float(n) for n in range(MIN_SAMPLES - 1)]
    with pytest.raises(ValueError, match="24 samples are needed, got 23"):
        trend(few, few)


def test_this_process_can_be_looked_at() -> None:
    now = sample(os.getpid(), 5.0)
    assert now.rss_kb > 1_000
    assert now.threads >= 1
    assert now.descriptors >= 3
    assert now.cpu_s > 0
    assert "0:00" in table([now])
