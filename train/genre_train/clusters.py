"""Shares of windows that were cut from few recordings, with honest intervals.

Windows of one recording are alike: a thousand of them from 20 recordings say hardly
more than 20 do. The spread between recordings tells how many independent windows they
are worth.

References
----------
L. Kish, "Survey Sampling", Wiley 1965: the design effect and ratio estimates.
E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected
number of positive counts estimated from survey data", Survey Methodology 24, 1998: an
exact interval of the effective number; here it is Wilson's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import t  # type: ignore[import-untyped] # has no stubs

from genre_train.metrics import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class ClusteredShare:
    """So many of so many windows, of so many recordings."""

    hits: int
    n: int
    recordings: int
    effective_n: float
    """Independent windows that these are worth, from 1 to ``n``."""

    @property
    def value(self) -> float:
        """In [0, 1]."""
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % interval."""
        return wilson(self.value, self.effective_n)

    def to_json(self) -> dict[str, Any]:
        """Return value, counts and interval, rounded to four decimals."""
        low, high = self.interval
        return {
            "value": round(self.value, 4),
            "n": self.n,
            "recordings": self.recordings,
            "low": round(low, 4),
            "high": round(high, 4),
        }


def clustered_share(hit: NDArray[np.bool_], recording: Sequence[str]) -> ClusteredShare:
    """Count what is true, shape (n,), of windows cut from named recordings.

    Where all windows agree their spread is unknown: then each recording counts once.

    Raises
    ------
    ValueError
        If there is no window.
    """
    if not hit.size:
        raise ValueError("a share of no windows is undefined")
    _, owner = np.unique(np.asarray(recording), return_inverse=True)
    sizes, hits = np.bincount(owner), np.bincount(owner, weights=hit)
    n, m, value = hit.size, len(sizes), float(hit.mean())
    effective = float(m)
    if 0.0 < value < 1.0 and m > 1:
        # Variance of a ratio of totals over recordings, linearised.
        residuals = hits - value * sizes
        variance = m / (m - 1) * float(np.square(residuals).sum()) / n**2
        effective = value * (1.0 - value) / max(variance, 1e-12)
    return ClusteredShare(
        int(hit.sum()), n, m, effective_n=float(np.clip(effective, 1.0, n))
    )


def paired_change(
    before: NDArray[np.bool_], after: NDArray[np.bool_], recording: Sequence[str]
) -> dict[str, Any]:
    """Return how a share changes when the same windows are heard otherwise.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        Of the same windows in the same order.

    Returns
    -------
    dict
        ``value`` and the ends of its 95 % interval (Student's, over the changes of
        single recordings), and the number of recordings.
    """
    _, owner = np.unique(np.asarray(recording), return_inverse=True)
    gained = np.bincount(owner, weights=after.astype(float) - before.astype(float))
    m = len(gained)
    # In units of the mean recording, so that longer ones count for more.
    change = gained / (before.size / m)
    half = (
        float(t.ppf(0.975, m - 1) * change.std(ddof=1) / np.sqrt(m)) if m > 1 else 1.0
    )
    value = float(change.mean())
    return {
        "value": round(value, 4),
        "recordings": m,
        "low": round(max(-1.0, value - half), 4),
        "high": round(min(1.0, value + half), 4),
    }
