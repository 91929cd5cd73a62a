"""Figures: each a share with its n and a 95 % interval. Pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_Z95 = 1.959963984540054  # normal quantile of a two-sided 95 % interval


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
        """Ends of the 95 % interval.

        References
        ----------
        E. B. Wilson, "Probable inference, the law of succession, and statistical
        inference", J. Am. Stat. Assoc. 22, 1927.
        """
        z2 = _Z95**2 / self.n
        centre = (self.value + z2 / 2) / (1 + z2)
        spread = math.sqrt(self.value * (1 - self.value) / self.n + z2 / (4 * self.n))
        half = _Z95 * spread / (1 + z2)
        return max(0.0, centre - half), min(1.0, centre + half)

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


def calibration_error(
    probabilities: NDArray[np.float32], genre: NDArray[np.int64], bins: int = 10
) -> float:
    """Return how far confidence is from being right, on average over bins.

    References
    ----------
    C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == genre
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(float(right[place == b].mean() - confidence[place == b].mean()))
        * int((place == b).sum())
        for b in range(bins)
        if (place == b).any()
    ]
    return sum(gaps) / len(genre)


def as_table(matrix: NDArray[np.int64], labels: Sequence[str]) -> str:
    """Write a confusion matrix as text: a row a genre, a column a name given."""
    width = max(map(len, labels))
    head = " " * width + "".join(f" {label[:5]:>5}" for label in labels)
    rows = [
        f"{label:{width}}" + "".join(f" {count:5d}" for count in row)
        for label, row in zip(labels, matrix.tolist(), strict=True)
    ]
    return "\n".join([head, *rows])
