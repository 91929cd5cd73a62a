"""Figures: each a share with its n and a 95 % interval. Pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BINS = 15
"""Of confidence, as many windows in each."""

_Z95 = 1.959963984540054  # normal quantile of a two-sided 95 % interval
_COVERAGES = (0.1, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_DRAWS = 200


def wilson(value: float, n: float) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a share of ``n``.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", J. Am. Stat. Assoc. 22, 1927.
    """
    z2 = _Z95**2 / n
    centre = (value + z2 / 2) / (1 + z2)
    half = _Z95 * math.sqrt(value * (1 - value) / n + z2 / (4 * n)) / (1 + z2)
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class Share:
    """So many of so many, with its Wilson interval.

    Raises
    ------
    ValueError
        If ``0 <= hits <= n`` and ``n > 0`` do not hold.
    """

    hits: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n or self.n == 0:
            raise ValueError(
                f"0 <= hits <= n, n > 0 must hold, got {self.hits} of {self.n}"
            )

    @property
    def value(self) -> float:
        """In [0, 1]."""
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % interval."""
        return wilson(self.value, self.n)

    def to_json(self) -> dict[str, Any]:
        """Return value, n and interval, rounded to four decimals."""
        low, high = self.interval
        return {
            "value": round(self.value, 4),
            "n": self.n,
            "low": round(low, 4),
            "high": round(high, 4),
        }

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} (n={self.n}, 95 % {low:.3f} to {high:.3f})"


def share(right: NDArray[np.bool_]) -> Share:
    """Count what is true, shape (n,)."""
    return Share(int(right.sum()), right.size)


def accuracy(scores: NDArray[np.float32], genre: NDArray[np.int64]) -> Share:
    """Count where the highest score, shape (n, n_labels), is that of the genre."""
    return share(scores.argmax(axis=1) == genre)


def confusion(
    scores: NDArray[np.float32], genre: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count windows, shape (n_labels, n_labels): row said, column named."""
    n_labels = scores.shape[1]
    cells = genre * n_labels + scores.argmax(axis=1)
    return np.bincount(cells, minlength=n_labels**2).reshape(n_labels, n_labels)


def recalls(matrix: NDArray[np.int64], labels: Sequence[str]) -> dict[str, float]:
    """Share of each genre that was named so; genres without a window are left out."""
    totals = matrix.sum(axis=1)
    return {
        label: round(float(matrix[i, i] / totals[i]), 4)
        for i, label in enumerate(labels)
        if totals[i]
    }


def log_loss(probabilities: NDArray[np.float32], genre: NDArray[np.int64]) -> float:
    """Mean negative log of the probability that the genre was given."""
    given = probabilities[np.arange(len(genre)), genre]
    return float(-np.log(np.maximum(given, 1e-12)).mean())


@dataclass(frozen=True)
class Bin:
    """Windows of about the same confidence."""

    n: int
    confidence: float
    """Mean, in [0, 1]."""
    right: float
    """Share of them that were named rightly."""


def reliability(
    probabilities: NDArray[np.float32], genre: NDArray[np.int64], bins: int = BINS
) -> list[Bin]:
    """Sort windows into bins of equal size by their confidence, lowest first.

    Equal confidences stay together, so that there may be fewer bins.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == genre
    place = _equal_bins(confidence, bins)
    return [
        Bin(int(here.sum()), float(confidence[here].mean()), float(right[here].mean()))
        for here in (place == b for b in np.unique(place))
    ]


def calibration_error(
    probabilities: NDArray[np.float32], genre: NDArray[np.int64], bins: int = BINS
) -> float:
    """Return how far confidence is from being right, on average over bins.

    The bins of :func:`reliability`: as many windows in each.

    References
    ----------
    C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    J. Nixon et al., "Measuring calibration in deep learning", CVPR Workshops 2019,
    for bins of equal size.
    """
    found = reliability(probabilities, genre, bins)
    gaps = [one.n * abs(one.right - one.confidence) for one in found]
    return float(sum(gaps) / len(genre))


def least_calibration_error(
    probabilities: NDArray[np.float32], bins: int = BINS, seed: int = 0
) -> float:
    """Return the calibration error of confidence that is perfect, from chance alone.

    What so few windows would show on average if each were right with the very
    probability that its confidence says: 200 draws. An error near this number cannot
    be told from none.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    place = _equal_bins(confidence, bins)
    rng = np.random.default_rng(seed)
    right = rng.random((_DRAWS, confidence.size)) < confidence
    gaps = [
        np.abs((right - confidence)[:, place == b].sum(axis=1))
        for b in np.unique(place)
    ]
    return float(np.sum(gaps, axis=0).mean() / confidence.size)


def risk_coverage(
    probabilities: NDArray[np.float32], genre: NDArray[np.int64]
) -> list[dict[str, float]]:
    """Return how often the surest windows are wrong, for growing shares of them.

    Returns
    -------
    list of dict
        ``coverage`` asked for, ``threshold`` of confidence that gives it, ``n``
        windows above, and ``risk``, the share of those named wrongly.

    References
    ----------
    Y. Geifman and R. El-Yaniv, "Selective classification for deep neural networks",
    NeurIPS 2017.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    wrong = probabilities.argmax(axis=1) != genre
    order = np.argsort(-confidence, kind="stable")
    counts = [math.ceil(coverage * len(genre)) for coverage in _COVERAGES]
    return [
        {
            "coverage": coverage,
            "threshold": round(float(confidence[order[n - 1]]), 4),
            "n": n,
            "risk": round(float(wrong[order[:n]].mean()), 4),
        }
        for coverage, n in zip(_COVERAGES, counts, strict=True)
    ]


def _equal_bins(values: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    edges = np.quantile(values, np.linspace(0.0, 1.0, bins + 1)[1:-1])
    return np.searchsorted(np.unique(edges), values)


def as_table(matrix: NDArray[np.int64], labels: Sequence[str]) -> str:
    """Write a confusion matrix as text: a row a genre, a column a name given."""
    width = max(map(len, labels))
    head = " " * width + "".join(f" {label[:5]:>5}" for label in labels)
    rows = [
        f"{label:{width}}" + "".join(f" {count:5d}" for count in row)
        for label, row in zip(labels, matrix.tolist(), strict=True)
    ]
    return "\n".join([head, *rows])
