"""The numbers of the smoother, fitted on playlists.

First the moving average that is to be beaten gets its best length: the one with the
lowest cost, which is the seconds with a wrong verdict and ``SWITCH_COSTS_S`` more for
each wrong switch, because a lamp that flickers annoys more than one that is late.
Then the filter: of those pairs of ``stay`` and ``evidence`` that switch wrongly no
more often than that average, the one with the fewest wrong seconds.

Last the confidence: the weights of mean and belief with the lowest log loss of "this
verdict is right", and the threshold above which enough verdicts are.

References
----------
J. C. Platt, "Probabilistic outputs for support vector machines", 1999 (confidence
fitted by log loss on held-out scores).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.smoothing import FilterSettings
from genre_train.streaming.reliability import always_naming, judge_verdicts
from genre_train.streaming.score import score
from genre_train.streaming.smoothers import LENGTHS, moving_average, ours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genre_train.streaming.hearing import Heard
    from genre_train.streaming.reliability import Judged

SWITCH_COSTS_S = 5.0
"""Seconds of a wrong verdict that a wrong switch counts for."""
RIGHT_WHEN_NAMED = 0.7
"""Share of the seconds above the threshold that should be named rightly."""

_STAY = (0.9, 0.97, 0.99, 0.997, 0.999, 0.9997, 0.9999, 0.99997)
_EVIDENCE = (0.3, 0.5, 0.65, 0.8, 1.0, 1.2, 1.6, 2.0, 3.0)
_WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1.0, 1.4, 2.0)
_HIGHEST_THRESHOLD = 0.5


@dataclass(frozen=True)
class Faults:
    """What a smoother did wrong."""

    wrong_s: float
    wrong_switches: int

    @property
    def cost(self) -> float:
        """Seconds, with those that wrong switches count for."""
        return self.wrong_s + SWITCH_COSTS_S * self.wrong_switches


@dataclass(frozen=True)
class Fitted:
    """What was found."""

    filter: FilterSettings
    threshold: float
    """Confidence under which to say ``unknown``."""
    average_length: int
    """Best length of the moving average, in predictions."""


def fit(heard: Sequence[Heard], labels: Sequence[str]) -> Fitted:
    """Fit the smoother to playlists.

    Parameters
    ----------
    heard : sequence of Heard
        Of recordings that the network was not trained on.
    labels : sequence of str
    """
    length = fit_average(heard, labels)
    steady = fit_filter(heard, labels, length)
    chosen = fit_confidence(heard, labels, steady)
    (judged,) = judge_verdicts(heard, labels, [chosen])
    return Fitted(
        filter=chosen,
        threshold=fit_threshold(judged, len(labels)),
        average_length=length,
    )


def fit_average(heard: Sequence[Heard], labels: Sequence[str]) -> int:
    """Return the length of the moving average with the lowest cost."""
    return min(LENGTHS, key=lambda n: faults_of_average(heard, labels, n).cost)


def fit_filter(
    heard: Sequence[Heard], labels: Sequence[str], length: int
) -> FilterSettings:
    """Return the filter that is right for longest while no less steady.

    Parameters
    ----------
    length : int
        Of the moving average that it may not switch wrongly more often than; where
        every filter does, the steadiest.
    """
    allowed = faults_of_average(heard, labels, length).wrong_switches
    grid = [FilterSettings(stay=s, evidence=e) for s, e in product(_STAY, _EVIDENCE)]

    def rank(settings: FilterSettings) -> tuple[int, float]:
        faults = faults_of_filter(heard, labels, settings)
        return max(0, faults.wrong_switches - allowed), faults.wrong_s

    return min(grid, key=rank)


def faults_of_average(
    heard: Sequence[Heard], labels: Sequence[str], length: int
) -> Faults:
    """Count what a moving average does wrong."""
    return _faults(
        heard, labels, lambda one: moving_average(one.predictions, labels, length)
    )


def faults_of_filter(
    heard: Sequence[Heard], labels: Sequence[str], settings: FilterSettings
) -> Faults:
    """Count what the daemon's smoother does wrong when it always names something."""
    smoothing = always_naming(settings)
    return _faults(
        heard, labels, lambda one: ours(one.predictions, labels, smoothing).words
    )


def _faults(
    heard: Sequence[Heard],
    labels: Sequence[str],
    say: Callable[[Heard], list[str]],
) -> Faults:
    scores = [
        span
        for one in heard
        for span in score(one.spans, one.times_s, say(one), labels)
    ]
    return Faults(
        wrong_s=sum(one.seconds - one.right_s for one in scores),
        wrong_switches=sum(one.wrong_switches for one in scores),
    )


def fit_confidence(
    heard: Sequence[Heard], labels: Sequence[str], settings: FilterSettings
) -> FilterSettings:
    """Return the settings with the weights of the lowest log loss of being right."""
    pairs = [pair for pair in product(_WEIGHTS, _WEIGHTS) if sum(pair)]
    tried = [
        replace(settings, mean_weight=mean, belief_weight=belief)
        for mean, belief in pairs
    ]
    judged = judge_verdicts(heard, labels, tried)
    return tried[int(np.argmin([one.log_loss() for one in judged]))]


def fit_threshold(judged: Judged, n_labels: int) -> float:
    """Return the lowest confidence above which enough verdicts are right.

    At least twice what chance would give, so that a model that is always right still
    doubts what looks like nothing it knows; at most 0.5, because what is more likely
    right than wrong is worth saying.
    """
    order = np.argsort(-judged.confidence)
    share = np.cumsum(judged.right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= RIGHT_WHEN_NAMED)
    wanted = float(judged.confidence[order[enough[-1]]]) if enough.size else 1.0
    lowest = min(2.0 / n_labels, _HIGHEST_THRESHOLD)
    return round(min(max(wanted, lowest), _HIGHEST_THRESHOLD), 3)
