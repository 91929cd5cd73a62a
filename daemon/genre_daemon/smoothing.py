"""From one prediction a second to a verdict that does not flicker.

Three questions are answered apart. *Which genre?* A sticky hidden Markov model's
forward filter over the predictions, tempered because neighbouring patches share
four fifths of their audio. *How sure?* The average probability of that genre over
the last seconds; the filter's own belief would be far too sure. *Is there anything
to hear?* The level, with hysteresis.

References
----------
L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in
speech recognition", Proc. IEEE 77(2), 1989, section III-A (forward procedure).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.messages import NO_MUSIC, SILENCE, UNKNOWN, Prediction, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class SmoothingSettings:
    """How eagerly verdicts change. Times count predictions, one a hop."""

    stay: float = 0.99
    """Probability that the genre is the same one hop later."""
    evidence: float = 0.3
    """Exponent on each prediction: 1 would treat overlapping patches as independent."""
    average: float = 0.2
    """Weight of the newest prediction in the averaged probabilities."""
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
    settle_hops: int = 4
    """Hops after silence whose patches still hold some of it, and mislead."""


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
        self.reset()

    def push(self, prediction: Prediction) -> Verdict:
        """Take a prediction and return the verdict after it."""
        settings = self.settings
        if self._is_silent(prediction.level_dbfs):
            self._forget_music()
            self._settling = settings.settle_hops
            return self._verdict(SILENCE, 1.0, prediction)
        if self._settling:
            self._settling -= 1
            confidence = float(prediction.probabilities.max())
            return self._verdict(UNKNOWN, confidence, prediction)
        self._update(prediction.probabilities)
        best = int(np.argmax(self._belief))
        confidence = float(self._average[best])
        named = self.labels[best]
        threshold = self.threshold
        if named == self._genre:
            threshold -= settings.threshold_margin
        # Speech and noise need no name: being unsure about them is being sure enough.
        if confidence < threshold and named != NO_MUSIC:
            return self._verdict(UNKNOWN, confidence, prediction)
        return self._verdict(named, confidence, prediction)

    def reset(self) -> None:
        """Forget everything, as when the source changes."""
        self._forget_music()
        self._quiet_hops = 0
        self._settling = 0
        self._genre = ""
        self._since_s = 0.0

    def _forget_music(self) -> None:
        self._belief = np.full(len(self.labels), 1.0 / len(self.labels))
        self._average: NDArray[np.float32] = np.empty(0, np.float32)

    def _is_silent(self, level_dbfs: float) -> bool:
        settings = self.settings
        limit = settings.silence_dbfs
        if self._genre == SILENCE:
            limit += settings.silence_margin_db
        self._quiet_hops = self._quiet_hops + 1 if level_dbfs < limit else 0
        needed = 1 if self._genre in (SILENCE, "") else settings.silence_hops
        return self._quiet_hops >= needed

    def _update(self, probabilities: NDArray[np.float32]) -> None:
        """One step of the forward procedure, and of the average."""
        settings = self.settings
        others = (1.0 - self._belief) / (len(self.labels) - 1)
        prior = settings.stay * self._belief + (1.0 - settings.stay) * others
        belief = prior * np.maximum(probabilities, 1e-6) ** settings.evidence
        self._belief = belief / belief.sum()
        if not self._average.size:
            self._average = probabilities.copy()
        self._average += np.float32(settings.average) * (probabilities - self._average)

    def _verdict(
        self, genre: str, confidence: float, prediction: Prediction
    ) -> Verdict:
        if genre != self._genre:
            self._genre = genre
            self._since_s = prediction.time_s
        probabilities = self._average if self._average.size else self._belief
        return Verdict(
            genre=genre,
            confidence=min(1.0, max(0.0, confidence)),
            since_s=self._since_s,
            probabilities=probabilities.astype(np.float32),
            prediction=prediction,
        )
