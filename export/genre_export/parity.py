"""Whether the int8 model still is the network that was trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import GenreListenError
from genre_daemon.probabilities import softmax
from genre_train.metrics import Share, accuracy, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.inference.classifier import Classifier

MIN_AGREEMENT = 0.98
"""Share of patches on which both must name the same genre first."""
MAX_DROP = 0.01
"""Accuracy that the conversion may cost."""


class ParityError(GenreListenError):
    """An int8 model that differs too much from its network."""


@dataclass(frozen=True)
class Parity:
    """Float network and int8 model on the same patches."""

    float_accuracy: Share
    int8_accuracy: Share
    agreement: Share
    """Patches on which both name the same genre first."""
    max_dp: float
    """Largest difference of any probability of any patch, 0 to 1."""

    def faults(self) -> list[str]:
        """Return a phrase for each bound that is broken."""
        faults = []
        if self.agreement.value < MIN_AGREEMENT:
            faults.append(
                f"both name the same genre on {self.agreement.value:.1%} of "
                f"{self.agreement.n} patches, at least {MIN_AGREEMENT:.0%} are needed"
            )
        lost = self.float_accuracy.hits - self.int8_accuracy.hits
        drop = lost / self.float_accuracy.n
        if drop > MAX_DROP:
            faults.append(
                f"int8 costs {100 * drop:.1f} points of accuracy, at most "
                f"{100 * MAX_DROP:.0f} is allowed"
            )
        return faults

    def require(self) -> None:
        """Raise if a bound is broken.

        Raises
        ------
        ParityError
        """
        faults = self.faults()
        if faults:
            raise ParityError(
                f"the int8 model is not the network that was trained: "
                f"{'; '.join(faults)}; train longer, convert with more patches "
                "(--per-genre), or accept it with --force"
            )

    def render(self) -> str:
        """Write the comparison for people."""
        n = self.agreement.n
        hits, value = self.agreement.hits, self.agreement.value
        return "\n".join(
            (
                f"same top-1   {hits} of {n} patches ({value:.1%})",
                f"float        accuracy {self.float_accuracy}",
                f"int8         accuracy {self.int8_accuracy}",
                f"max |dp|     {self.max_dp:.3f}",
            )
        )


def compare(
    float_logits: NDArray[np.float32],
    int8_logits: NDArray[np.float32],
    genre: NDArray[np.int64],
    temperature: float,
    no_music: int | None = None,
) -> Parity:
    """Compare two sets of logits, shape (n, n_labels), of the same patches.

    Parameters
    ----------
    no_music : int, optional
        Label that is no genre: patches of it count for agreement, not for accuracy.
    """
    music = genre != (-1 if no_music is None else no_music)
    distance = np.abs(
        softmax(float_logits, temperature) - softmax(int8_logits, temperature)
    )
    return Parity(
        float_accuracy=accuracy(float_logits[music], genre[music]),
        int8_accuracy=accuracy(int8_logits[music], genre[music]),
        agreement=share(float_logits.argmax(axis=1) == int8_logits.argmax(axis=1)),
        max_dp=float(distance.max()),
    )


def int8_logits(
    classifier: Classifier, patches: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Run patches, shape (n, patch_frames, n_mels), through the daemon's classifier."""
    return np.stack([classifier.logits(patch) for patch in patches])
