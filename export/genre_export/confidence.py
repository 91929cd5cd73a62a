"""Whether confidence is the probability of being right, in figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from genre_daemon.probabilities import softmax
from genre_train.metrics import (
    BINS,
    Bin,
    Share,
    calibration_error,
    least_calibration_error,
    log_loss,
    reliability,
    risk_coverage,
    share,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Confidence:
    """Calibrated probabilities against the truth, and against uncalibrated ones."""

    n: int
    error: float
    """Expected calibration error."""
    error_before: float
    """Of the plain softmax."""
    least_error: float
    """What perfect confidence would show on so few windows, on average."""
    log_loss: float
    log_loss_before: float
    bins: tuple[Bin, ...]
    """Reliability: confidence and share that is right, lowest first."""
    curve: tuple[dict[str, float], ...]
    """Risk and coverage."""
    named: Share
    """Windows above the threshold."""
    right_when_named: Share | None
    """None if nothing is above."""

    def to_json(self) -> dict[str, Any]:
        """Return the figures for the model card."""
        right = self.right_when_named
        return {
            "n": self.n,
            "bins": f"{BINS} of equal size",
            "calibration_error": round(self.error, 4),
            "calibration_error_before": round(self.error_before, 4),
            "calibration_error_by_chance": round(self.least_error, 4),
            "log_loss": round(self.log_loss, 4),
            "log_loss_before": round(self.log_loss_before, 4),
            "named": self.named.to_json(),
            "right_when_named": None if right is None else right.to_json(),
            "reliability": [
                {key: round(value, 4) for key, value in asdict(one).items()}
                for one in self.bins
            ],
            "risk_coverage": list(self.curve),
        }

    def render(self) -> str:
        """Write the figures for people."""
        compared = (
            f"{self.error_before:.3f} before calibration, "
            f"{self.least_error:.3f} by chance alone"
        )
        lines = [
            f"ECE          {self.error:.3f} ({BINS} bins of equal size, n={self.n})",
            f"             {compared}",
            f"named        {self.named}",
        ]
        if self.right_when_named is not None:
            lines.append(f"right then   {self.right_when_named}")
        risks = "  ".join(
            f"{point['coverage']:.0%}: {point['risk']:.3f}" for point in self.curve
        )
        return "\n".join([*lines, f"wrong among the surest   {risks}"])


def measure(
    logits: NDArray[np.float32],
    probabilities: NDArray[np.float32],
    genre: NDArray[np.int64],
    threshold: float | NDArray[np.float64],
) -> Confidence:
    """Measure calibrated probabilities.

    Parameters
    ----------
    logits, probabilities : ndarray, shape (n, n_labels)
        The same windows before and after calibration.
    threshold : float or ndarray, shape (n,)
        Confidence from which a window is named.
    """
    plain = softmax(logits)
    named = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1)[named] == genre[named]
    return Confidence(
        n=len(genre),
        error=calibration_error(probabilities, genre),
        error_before=calibration_error(plain, genre),
        least_error=least_calibration_error(probabilities),
        log_loss=log_loss(probabilities, genre),
        log_loss_before=log_loss(plain, genre),
        bins=tuple(reliability(probabilities, genre)),
        curve=tuple(risk_coverage(probabilities, genre)),
        named=share(named),
        right_when_named=share(right) if right.size else None,
    )
