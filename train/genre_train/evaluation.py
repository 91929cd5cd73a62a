"""Figures of a network on the held-out side of a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.probabilities import softmax
from genre_train.metrics import (
    BINS,
    Share,
    accuracy,
    as_table,
    calibration_error,
    confusion,
    least_calibration_error,
    log_loss,
    recalls,
    risk_coverage,
)
from genre_train.predicting import predict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.dataset import DataSet, Windows


def evaluate(model: Any, data: DataSet) -> dict[str, Any]:  # noqa: ANN401 - keras is untyped
    """Score the held-out windows as the daemon hears them.

    Returns
    -------
    dict
        ``patch`` scores the windows, looped to the length of the daemon's patch. It
        holds their own number of frames, ``accuracy`` (value, n and 95 % interval),
        ``recall`` a genre, ``confusion`` (row said, column named) and, uncalibrated,
        ``log_loss``, ``calibration_error``, the same ``by_chance`` and
        ``risk_coverage``.
    """
    return {
        "on": "valid",
        "split": data.split,
        "leaky": data.leaky,
        "labels": list(data.labels),
        "patch": figures(
            predict(model, data.valid, data.spec), data.valid, data.labels
        ),
    }


def figures(
    logits: NDArray[np.float32], windows: Windows, labels: Sequence[str]
) -> dict[str, Any]:
    """Return the figures of one set of windows.

    Parameters
    ----------
    logits : ndarray, shape (n, n_labels), float32
    """
    probabilities = softmax(logits)
    matrix = confusion(logits, windows.genre)
    return {
        "frames": windows.patches.shape[1],
        "accuracy": accuracy(logits, windows.genre).to_json(),
        "track_accuracy": track_accuracy(probabilities, windows).to_json(),
        "log_loss": round(log_loss(probabilities, windows.genre), 4),
        "calibration_error": round(calibration_error(probabilities, windows.genre), 4),
        "calibration_error_by_chance": round(least_calibration_error(probabilities), 4),
        "risk_coverage": risk_coverage(probabilities, windows.genre),
        "recall": recalls(matrix, labels),
        "confusion": matrix.tolist(),
    }


def track_accuracy(probabilities: NDArray[np.float32], windows: Windows) -> Share:
    """Score tracks by the mean probabilities of their windows."""
    _, first, owner = np.unique(windows.track, return_index=True, return_inverse=True)
    sums = np.zeros((len(first), probabilities.shape[1]), np.float32)
    np.add.at(sums, owner, probabilities)
    return accuracy(sums, windows.genre[first])


def render(metrics: dict[str, Any], spec: FeatureSpec) -> str:
    """Write the figures for people."""
    labels = metrics["labels"]
    lines = [f"held out: {metrics['on']} ({metrics['split']})"]
    if metrics.get("leaky"):
        lines.insert(0, "LEAKY SPLIT: these figures say nothing of new music")
    patch = metrics["patch"]
    seconds = patch["frames"] * spec.hop_length / spec.sample_rate
    looped = ", looped" if patch["frames"] < spec.patch_frames else ""
    lines.append(
        f"patch   accuracy {_share(patch['accuracy'])}  {patch['frames']} frames "
        f"({seconds:.1f} s){looped}"
    )
    if patch["track_accuracy"]["n"] != patch["accuracy"]["n"]:
        lines.append(f"track   accuracy {_share(patch['track_accuracy'])}")
    lines.append(
        f"not calibrated: ECE {patch['calibration_error']:.3f} ({BINS} bins of equal "
        f"size; {patch['calibration_error_by_chance']:.3f} by chance alone)"
    )
    risks = (f"{x['coverage']:.0%} {x['risk']:.3f}" for x in patch["risk_coverage"])
    lines.append("wrong among the surest: " + ", ".join(risks))
    width = max(map(len, labels))
    lines += ["", "recall of each genre, patch"]
    lines += [
        f"  {label:{width}} {value:.2f}" for label, value in patch["recall"].items()
    ]
    table = as_table(np.array(patch["confusion"]), labels)
    return "\n".join([*lines, "", "said (row) and named (column), patch", table])


def _share(figure: dict[str, Any]) -> str:
    return (
        f"{figure['value']:.3f} (n={figure['n']}, 95 % {figure['low']:.3f} to "
        f"{figure['high']:.3f})"
    )
