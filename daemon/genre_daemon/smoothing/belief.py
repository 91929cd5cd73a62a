"""Which genre is playing: the forward filter of a sticky hidden Markov model.

The genre is the hidden state; it stays from hop to hop with a probability near one,
or becomes any other. A prediction is evidence to the power of its own certainty,
because neighbouring patches share four fifths of their audio and an unsure one is
often wrong for as long as the song lasts.

A filter that is slow to be misled is as slow to hear that a song is over. So a change
detector stands beside it: when, by its latest chunks, the genre believed in is
suddenly many times less probable than it was in the song so far, the song is taken to
be over: a likelihood-ratio test of three seconds of sound. The belief then starts again
from nothing, and from the newest chunk alone. The patch holds the old song for some
seconds more; as long as it does, only what came since is heard of it.

References
----------
L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in
speech recognition", Proc. IEEE 77(2), 1989, section III-A (forward procedure).
M. Basseville and I. V. Nikiforov, "Detection of abrupt changes", 1993, section 2.1
(Shewhart control chart: a likelihood-ratio test of the latest samples).
A. Bifet and R. Gavalda, "Learning from time-changing data with adaptive windowing",
SDM 2007 (a window that forgets what was before a change).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.probabilities import mean_logits, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.messages import Prediction
    from genre_daemon.smoothing.settings import FilterSettings

_SMALLEST = 1e-6  # keeps one prediction from ruling a genre out for good
_LATEST = 2  # chunks that tell whether a song is over: one alone errs too often
_ALL = 1_000_000  # chunks: more than there are in a patch


class Belief:
    """Belief in each label, and the mean of what was heard of the best one.

    Parameters
    ----------
    n_labels : int > 1
    settings : FilterSettings
    """

    def __init__(self, n_labels: int, settings: FilterSettings) -> None:
        self._settings = settings
        self._uniform = np.full(n_labels, 1.0 / n_labels)
        self._change = (1.0 - settings.stay) / (n_labels - 1)
        self.reset()

    def reset(self, *, within_patch: bool = False) -> None:
        """Forget what was heard: every label is as likely as another.

        Parameters
        ----------
        within_patch : bool
            Whether the next patch still holds what is to be forgotten, but for its
            newest chunk.
        """
        self.belief: NDArray[np.float64] = self._uniform
        """Shape (n_labels,), summing to 1."""
        self.mean: NDArray[np.float64] = self._uniform
        """Mean probabilities since ``best`` took over, shape (n_labels,)."""
        self.best = 0
        """Index of the label believed in most."""
        self._heard = 0
        self._chunks = 0 if within_patch else _ALL

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Probability of each label to be right, shape (n_labels,), summing to 1."""
        return pool(self.mean, self.belief, self._settings)

    def push(self, prediction: Prediction) -> None:
        """Take a prediction, one step of the forward procedure."""
        if self._heard and self._is_over(prediction):
            self.belief, self._chunks = self._uniform, 0
        self._chunks += 1
        latest = by_latest(prediction, self._chunks)
        heard = np.maximum(latest, _SMALLEST, dtype=np.float64)
        belief = self._prior() * heard ** (self._settings.evidence * float(heard.max()))
        belief /= belief.sum()
        best = int(belief.argmax())
        # Started again when another label takes over: no song is averaged with the
        # one before it.
        self._heard = self._heard + 1 if best == self.best and self._heard else 1
        share = 1.0 / min(self._heard, self._settings.memory)
        self.mean = self.mean + share * (heard - self.mean)
        self.belief, self.best = belief, best

    def _is_over(self, prediction: Prediction) -> bool:
        """Tell whether the song that was believed in is over."""
        latest = by_latest(prediction, _LATEST)[self.best]
        return bool(latest * self._settings.drop < self.mean[self.best])

    def _prior(self) -> NDArray[np.float64]:
        """Return the belief that a prediction meets, shape (n_labels,)."""
        # To stay, or to come from any of the others, whose beliefs sum to 1 - belief.
        change = self._change
        return self.belief * (self._settings.stay - change) + change


def by_latest(prediction: Prediction, n: int) -> NDArray[np.float32]:
    """Return the probabilities by the latest ``n > 0`` chunks of a patch alone.

    Of a patch that was heard as a whole, or has no more than those, they are those of
    the patch.
    """
    chunks = prediction.chunks
    if chunks is None or n >= len(chunks):
        return prediction.probabilities
    return softmax(mean_logits(chunks[-n:]))


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
        mean**settings.mean_weight
        * np.maximum(belief, _SMALLEST) ** settings.belief_weight
    )
    return np.asarray(pooled / pooled.sum(axis=-1, keepdims=True), np.float64)
