"""The smoothers that are compared, on the same predictions and the same level gate."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.messages import SILENCE
from genre_daemon.smoothing import SilenceGate, Smoother, SmoothingSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_daemon.messages import Prediction
    from genre_train.streaming.hearing import Heard

LENGTHS = (2, 3, 5, 8, 12, 20, 30)
"""Lengths of moving averages that are tried, in predictions."""


def moving_average(
    predictions: Sequence[Prediction], labels: Sequence[str], length: int
) -> list[str]:
    """Name the label with the highest mean over the last ``length`` predictions.

    A length of 1 names each prediction by itself: *raw*. Silence empties the average.
    """
    gate = SilenceGate(SmoothingSettings())
    window: deque[NDArray[np.float32]] = deque(maxlen=length)
    words = []
    for prediction in predictions:
        if gate.push(prediction.level_dbfs):
            window.clear()
            words.append(SILENCE)
            continue
        window.append(prediction.probabilities)
        words.append(labels[int(np.sum(window, axis=0).argmax())])
    return words


@dataclass(frozen=True)
class Trace:
    """What the daemon's smoother said and believed after each prediction."""

    words: list[str]
    confidence: NDArray[np.float64]
    """Shape (n,)."""
    mean: NDArray[np.float64]
    """Shape (n, n_labels)."""
    belief: NDArray[np.float64]
    """Shape (n, n_labels)."""


def ours(heard: Heard, labels: Sequence[str], settings: SmoothingSettings) -> Trace:
    """Run the daemon's own smoother."""
    smoother = Smoother(labels, replace(settings, settle_hops=heard.settle_hops))
    verdicts, means, beliefs = [], [], []
    for prediction in heard.predictions:
        verdicts.append(smoother.push(prediction))
        means.append(smoother.belief.mean)
        beliefs.append(smoother.belief.belief)
    return Trace(
        words=[verdict.genre for verdict in verdicts],
        confidence=np.array([verdict.confidence for verdict in verdicts]),
        mean=np.array(means, np.float64),
        belief=np.array(beliefs, np.float64),
    )
