"""The numbers of the smoother, fitted on playlists.

First the moving average that is to be beaten gets its best length: the one that is
right for the longest. Then the filter: the one whose *least* lead over both that
average and raw predictions is the greatest, of three leads: fewer wrong seconds, fewer
wrong switches, fewer seconds to the right genre. None of the three has a price in
terms of another, so nothing has to be guessed.

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
from genre_train.progress import progress
from genre_train.streaming.figures import songs_after_another
from genre_train.streaming.reliability import always_naming, judge_verdicts
from genre_train.streaming.score import score
from genre_train.streaming.smoothers import LENGTHS, moving_average, ours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genre_train.streaming.hearing import Heard
    from genre_train.streaming.reliability import Judged

RIGHT_WHEN_NAMED = 0.7
"""Share of the seconds above the threshold that should be named rightly."""

_STAY = (0.999, 0.9999, 0.99999)
_EVIDENCE = (0.4, 0.6, 1.0, 1.6)
_NO_DROP = 1e6  # a change detector that detects nothing
_DROP = (4.0, 6.0, 8.0, 10.0, 14.0, 20.0, 30.0, _NO_DROP)
_MEMORY = (12.0, 40.0)
_WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1.0, 1.4, 2.0)
_HIGHEST_THRESHOLD = 0.5


@dataclass(frozen=True)
class Faults:
    """What a smoother did wrong; the less of each the better."""

    wrong: float
    """Share of the scored seconds."""
    wrong_switches: float
    """An hour."""
    median_s: float
    """Seconds to the right genre after a change; infinite for never."""

    def lead(self, others: Sequence[Faults]) -> float:
        """Return the least of the three leads over the best of the others.

        A lead is the share of the other's fault that is spared: 0.1 for nine wrong
        switches instead of ten; below zero where the other is better.
        """
        return min(
            _lead(mine, min(theirs))
            for mine, *theirs in zip(
                vars(self).values(),
                *(vars(other).values() for other in others),
                strict=True,
            )
        )


def _lead(mine: float, theirs: float) -> float:
    if mine == theirs:
        return 0.0
    return 1.0 - mine / theirs if theirs else -np.inf


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
    best = fit_filter(heard, labels, length)
    chosen = fit_confidence(heard, labels, best)
    (judged,) = judge_verdicts(heard, labels, [chosen])
    return Fitted(
        filter=chosen,
        threshold=fit_threshold(judged, len(labels)),
        average_length=length,
    )


def fit_average(heard: Sequence[Heard], labels: Sequence[str]) -> int:
    """Return the length of the moving average that is wrong for the shortest."""
    return min(LENGTHS, key=lambda n: faults_of_average(heard, labels, n).wrong)


def fit_filter(
    heard: Sequence[Heard], labels: Sequence[str], length: int
) -> FilterSettings:
    """Return the filter with the greatest lead over raw and the moving average.

    Parameters
    ----------
    length : int
        Of the moving average.
    """
    others = [faults_of_average(heard, labels, n) for n in (1, length)]
    grid = [
        FilterSettings(stay=stay, evidence=evidence, drop=drop, memory=memory)
        for stay, evidence, drop, memory in product(_STAY, _EVIDENCE, _DROP, _MEMORY)
    ]
    leads = []
    with progress("fitting", len(grid)) as step:
        for settings in grid:
            leads.append(faults_of_filter(heard, labels, settings).lead(others))
            step(f"lead {max(leads):.3f}")
    return grid[int(np.argmax(leads))]


def faults_of_average(
    heard: Sequence[Heard], labels: Sequence[str], length: int
) -> Faults:
    """Count what a moving average does wrong; a length of 1 is raw."""
    return _faults(
        heard, labels, lambda one: moving_average(one.predictions, labels, length)
    )


def faults_of_filter(
    heard: Sequence[Heard], labels: Sequence[str], settings: FilterSettings
) -> Faults:
    """Count what the daemon's smoother does wrong when it always names something."""
    smoothing = always_naming(settings)
    return _faults(heard, labels, lambda one: ours(one, labels, smoothing).words)


def _faults(
    heard: Sequence[Heard],
    labels: Sequence[str],
    say: Callable[[Heard], list[str]],
) -> Faults:
    scores = [score(one.spans, one.times_s, say(one), labels) for one in heard]
    spans = [span for playlist in scores for span in playlist]
    seconds = sum(one.seconds for one in spans)
    found_s = [one.found_s for one in songs_after_another(scores)]
    return Faults(
        wrong=1.0 - sum(one.right_s for one in spans) / seconds,
        wrong_switches=3600 * sum(one.wrong_switches for one in spans) / seconds,
        # A whole rank, for half way to never is no number.
        median_s=float(np.quantile(found_s, 0.5, method="inverted_cdf")),
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
