"""The values that pass between stages: prediction, verdict, segment.

Conventions
-----------
Times are seconds on the sample clock: audio seconds since the source began, not
wall-clock time. A prediction made at ``time_s`` saw the patch that ends there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNKNOWN = "unknown"
"""Music, or something like it, that the model cannot name with confidence."""
NO_MUSIC = "no_music"
"""Sound that is not music: speech, noise, the household."""
SILENCE = "silence"
"""Nothing loud enough to judge."""

STATES = (UNKNOWN, NO_MUSIC, SILENCE)
"""Words a verdict may say that are no genres."""


def is_music(genre: str) -> bool:
    """Return whether a verdict with this word means that music is playing."""
    return genre not in (NO_MUSIC, SILENCE)


@dataclass(frozen=True)
class Prediction:
    """What the classifier says of one patch."""

    time_s: float
    """Seconds on the sample clock where the patch ends."""
    probabilities: NDArray[np.float32]
    """Shape (n_labels,), in [0, 1], summing to 1."""
    level_dbfs: float
    """Root mean square of the last hop in dB relative to full scale, -120 to 0."""
    inference_ms: float = field(default=0.0, compare=False)
    """Milliseconds spent in the interpreter."""
    chunks: NDArray[np.float32] | None = field(default=None, compare=False)
    """Shape (n_chunks, n_labels): calibrated logits of each chunk of the patch, the
    oldest first. Their mean gives ``probabilities``. None where the patch was heard as
    a whole."""


@dataclass(frozen=True)
class Verdict:
    """What the smoother says after a prediction."""

    genre: str
    """A label of the bundle, or one of ``STATES``."""
    confidence: float
    """In [0, 1]: the probability that ``genre`` is right."""
    since_s: float
    """Seconds on the sample clock at which this genre began."""
    probabilities: NDArray[np.float32]
    """Shape (n_labels,): of each label to be right, from the last seconds."""
    prediction: Prediction
    """The prediction that led to this verdict."""

    @property
    def time_s(self) -> float:
        """Seconds on the sample clock at which the verdict was reached."""
        return self.prediction.time_s

    @property
    def music(self) -> bool:
        """Whether music is playing."""
        return is_music(self.genre)


@dataclass(frozen=True)
class Segment:
    """A run of equal verdicts."""

    start_s: float
    end_s: float
    genre: str
    confidence: float
    """In [0, 1]: the mean confidence of the verdicts in the run."""
