"""Which genre is playing: the forward filter of a sticky hidden Markov model.

The genre is the hidden state; it stays from hop to hop with a probability near one,
or becomes any other. A prediction is evidence to the power of its own certainty,
because neighbouring patches share four fifths of their audio and an unsure one is
often wrong for as long as the song lasts.

References
----------
L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in
speech recognition", Proc. IEEE 77(2), 1989, section III-A (forward procedure).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.smoothing.settings import FilterSettings

_SMALLEST = 1e-6  # keeps one prediction from ruling a genre out for good


class Belief:
    """Belief in each label, and the mean of what was heard of the best one.

    Parameters
    ----------
    n_labels : int > 1
    settings : FilterSettings
    """

    def __init__(self, n_labels: int, settings: FilterSettings) -> None:
        self._n_labels = n_labels
        self._settings = settings
        self.belief = np.full(n_labels, 1.0 / n_labels)
        """Shape (n_labels,), summing to 1."""
        self.mean = self.belief
        """Mean probabilities since ``best`` took over, shape (n_labels,)."""
        self._heard = 0

    @property
    def best(self) -> int:
        """Index of the label believed in most."""
        return int(np.argmax(self.belief))

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Probability of each label to be right, shape (n_labels,), summing to 1."""
        return pool(self.mean, self.belief, self._settings)

    def push(self, probabilities: NDArray[np.float32]) -> None:
        """Take a prediction, shape (n_labels,), one step of the forward procedure."""
        settings = self._settings
        before = self.best if self._heard else -1
        others = (1.0 - self.belief) / (self._n_labels - 1)
        prior = settings.stay * self.belief + (1.0 - settings.stay) * others
        weight = settings.evidence * float(probabilities.max())
        belief = prior * np.maximum(probabilities, _SMALLEST) ** weight
        self.belief = belief / belief.sum()
        # Started again when another label takes over: no song is averaged with the
        # one before it.
        self._heard = self._heard + 1 if self.best == before else 1
        self.mean = self.mean + (probabilities - self.mean) / min(
            self._heard, settings.memory
        )

    def reset(self) -> None:
        """Forget what was heard: every label is as likely as another."""
        self.belief = np.full(self._n_labels, 1.0 / self._n_labels)
        self.mean = self.belief
        self._heard = 0


def pool(
    mean: NDArray[np.float64], belief: NDArray[np.float64], settings: FilterSettings
) -> NDArray[np.float64]:
    """Return how likely each label is right, shape (..., n_labels), summing to 1.

    The belief alone would be far too sure, for a network errs alike through a whole
    song. It is pooled with the mean of the latest predictions, each to the power that
    made verdicts as often right as they say, on music that the network did not know.

    References
    ----------
    C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an
    annotated bibliography", Statistical Science 1(1), 1986 (logarithmic pool).
    """
    pooled = (
        np.maximum(mean, _SMALLEST) ** settings.mean_weight
        * np.maximum(belief, _SMALLEST) ** settings.belief_weight
    )
    return np.asarray(pooled / pooled.sum(axis=-1, keepdims=True), np.float64)
