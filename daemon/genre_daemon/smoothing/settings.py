"""The numbers of the smoother: those fitted for a model, and those of the room."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class FilterSettings:
    """What ``genre-train fit-smoothing`` finds out for a model; the bundle carries it.

    Times count predictions, one a hop. Where the defaults come from is said in
    docs/smoothing.md.

    Raises
    ------
    ValueError
        If a number is out of its range; the message names it.
    """

    stay: float = 0.9999
    """Probability that the genre is the same one hop later."""
    evidence: float = 1.0
    """Exponent of a prediction that is certain; an unsure one counts for less."""
    drop: float = 10.0
    """A song is over when its genre is this many times less probable than its mean."""
    memory: float = 40.0
    """Predictions that the mean goes back over, at most."""
    mean_weight: float = 1.0
    """Exponent of the mean probabilities in the confidence."""
    belief_weight: float = 0.1
    """Exponent of the belief in the confidence."""

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not (number and math.isfinite(value) and low <= value <= high):
                raise ValueError(f"{name} must be {low:g} to {high:g}, got {value!r}")


RANGES = {
    "stay": (0.5, 0.999999),
    "evidence": (0.01, 10.0),
    "drop": (1.0, 1e6),
    "memory": (1.0, 10_000.0),
    "mean_weight": (0.0, 20.0),
    "belief_weight": (0.0, 20.0),
}
"""Lowest and highest value of each number of ``FilterSettings``."""


@dataclass(frozen=True)
class SmoothingSettings:
    """How eagerly verdicts change, and what counts as silence."""

    filter: FilterSettings = field(default_factory=FilterSettings)
    threshold: float = 0.4
    """Confidence under which the verdict is ``unknown``."""
    threshold_margin: float = 0.05
    """A genre once named stays named until this far under the threshold."""
    silence_dbfs: float = -65.0
    """Level under which there is silence."""
    silence_margin_db: float = 5.0
    """Silence ends this far above."""
    silence_hops: int = 2
    """Hops in a row that must be under the level."""
    settle_hops: int = 2
    """Hops after silence whose newest chunk still holds some of it, and misleads."""


FITTED = tuple(one.name for one in fields(FilterSettings))
"""Names of the numbers that are fitted."""
