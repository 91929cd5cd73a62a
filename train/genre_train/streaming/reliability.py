"""Whether confidence is the probability of being right: of verdicts, and of patches.

References
----------
C. Guo et al., "On calibration of modern neural networks", ICML 2017 (reliability
diagram and expected calibration error).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.messages import SILENCE, UNKNOWN
from genre_daemon.smoothing import FilterSettings, SmoothingSettings
from genre_daemon.smoothing.belief import pool
from genre_train.streaming.playlists import EITHER
from genre_train.streaming.smoothers import ours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_train.streaming.hearing import Heard

_BINS = 10
_COVERAGES = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True)
class Judged:
    """What was named while the truth was known."""

    confidence: NDArray[np.float64]
    """Shape (n,), in [0, 1]."""
    right: NDArray[np.bool_]
    """Shape (n,)."""

    def bins(self) -> list[dict[str, Any]]:
        """Return n, mean confidence and share right of each tenth that has any."""
        place = np.minimum((self.confidence * _BINS).astype(int), _BINS - 1)
        return [
            {
                "n": int((place == b).sum()),
                "confidence": round(float(self.confidence[place == b].mean()), 4),
                "right": round(float(self.right[place == b].mean()), 4),
            }
            for b in range(_BINS)
            if (place == b).any()
        ]

    def calibration_error(self) -> float:
        """Return how far confidence is from being right, on average over the bins."""
        gaps = [one["n"] * abs(one["confidence"] - one["right"]) for one in self.bins()]
        return float(sum(gaps) / len(self.right))

    def risk_coverage(self) -> list[tuple[float, float]]:
        """Return how much of the surest is wrong, as pairs of coverage and risk.

        References
        ----------
        R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective
        classification", JMLR 11, 2010.
        """
        wrong = ~self.right[np.argsort(-self.confidence, kind="stable")]
        return [
            (share, round(float(wrong[: max(1, round(share * len(wrong)))].mean()), 4))
            for share in _COVERAGES
        ]

    def log_loss(self) -> float:
        """Mean negative log of the probability given to what was the case."""
        given = np.where(self.right, self.confidence, 1.0 - self.confidence)
        return float(-np.log(np.maximum(given, 1e-6)).mean())


def together(judged: Sequence[Judged]) -> Judged:
    """Return what was judged apart as one."""
    return Judged(
        np.concatenate([one.confidence for one in judged]),
        np.concatenate([one.right for one in judged]),
    )


def always_naming(settings: FilterSettings) -> SmoothingSettings:
    """Return settings that never say ``unknown`` for want of confidence."""
    return SmoothingSettings(filter=settings, threshold=0.0)


def judge_predictions(heard: Sequence[Heard], labels: Sequence[str]) -> Judged:
    """Judge each prediction by itself."""
    confidence, right = [], []
    for one in heard:
        scores = np.stack([p.probabilities for p in one.predictions])
        truth = one.truth()
        named = np.array(labels)[scores.argmax(axis=1)]
        confidence.append(scores.max(axis=1)[truth != EITHER])
        right.append((named == truth)[truth != EITHER])
    return Judged(np.concatenate(confidence).astype(float), np.concatenate(right))


def judge_verdicts(
    heard: Sequence[Heard], labels: Sequence[str], tried: Sequence[FilterSettings]
) -> list[Judged]:
    """Judge verdicts with several weights for their confidence.

    Parameters
    ----------
    tried : sequence of FilterSettings
        All with the same filter, which runs once.
    """
    means, beliefs, rights = [], [], []
    for one in heard:
        trace = ours(one, labels, always_naming(tried[0]))
        words, truth = np.array(trace.words), one.truth()
        counted = (truth != EITHER) & ~np.isin(words, (SILENCE, UNKNOWN))
        means.append(trace.mean[counted])
        beliefs.append(trace.belief[counted])
        rights.append((words == truth)[counted])
    mean, belief = np.concatenate(means), np.concatenate(beliefs)
    right = np.concatenate(rights)
    best = belief.argmax(axis=1)[:, None]
    return [
        Judged(np.take_along_axis(pool(mean, belief, one), best, axis=1)[:, 0], right)
        for one in tried
    ]
