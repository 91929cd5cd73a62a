"""From one prediction a second to a verdict that does not flicker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.messages import NO_MUSIC, SILENCE, UNKNOWN, Prediction, Verdict
from genre_daemon.smoothing.belief import Belief
from genre_daemon.smoothing.settings import SmoothingSettings
from genre_daemon.smoothing.silence import SilenceGate

if TYPE_CHECKING:
    from collections.abc import Sequence


class Smoother:
    """Verdicts from predictions.

    Parameters
    ----------
    labels : sequence of str
        The model's classes, in the order of its probabilities.
    settings : SmoothingSettings
    """

    def __init__(
        self, labels: Sequence[str], settings: SmoothingSettings | None = None
    ) -> None:
        self.labels = tuple(labels)
        self.settings = settings or SmoothingSettings()
        self.threshold = self.settings.threshold
        """Confidence under which the verdict is ``unknown``; may be moved."""
        self._gate = SilenceGate(self.settings)
        self.belief = Belief(len(self.labels), self.settings.filter)
        """What is believed of each label."""
        self.reset()

    def push(self, prediction: Prediction) -> Verdict:
        """Take a prediction and return the verdict after it."""
        if self._gate.push(prediction.level_dbfs):
            self._forget(within_patch=True)
            self._settling = self.settings.settle_hops
            return self._verdict(SILENCE, 1.0, prediction)
        if self._settling:
            self._settling -= 1
            confidence = float(prediction.probabilities.max())
            return self._verdict(UNKNOWN, confidence, prediction)
        self.belief.push(prediction)
        self._probabilities = self.belief.probabilities
        best = self.belief.best
        named = self.labels[best]
        confidence = float(self._probabilities[best])
        threshold = self.threshold
        if named == self._genre:
            threshold -= self.settings.threshold_margin
        # Speech and noise need no name: being unsure about them is being sure enough.
        if confidence < threshold and named != NO_MUSIC:
            return self._verdict(UNKNOWN, confidence, prediction)
        return self._verdict(named, confidence, prediction)

    def reset(self) -> None:
        """Forget everything, as when the source changes."""
        self._gate.reset()
        self._forget()
        self._settling = 0
        self._genre = ""
        self._since_s = 0.0

    def _forget(self, *, within_patch: bool = False) -> None:
        self.belief.reset(within_patch=within_patch)
        self._probabilities = self.belief.probabilities

    def _verdict(
        self, genre: str, confidence: float, prediction: Prediction
    ) -> Verdict:
        if genre != self._genre:
            self._genre = genre
            self._since_s = prediction.time_s
        return Verdict(
            genre=genre,
            confidence=min(1.0, max(0.0, confidence)),
            since_s=self._since_s,
            probabilities=self._probabilities.astype(np.float32),
            prediction=prediction,
        )
