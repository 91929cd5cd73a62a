"""What a bundle tells about itself: where it comes from, and how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.inference.bundle import BundleInfo, read_bundle
from genre_export.calibration import cross_fitted
from genre_export.confidence import measure
from genre_export.notes import short_windows
from genre_export.opening import no_music_of
from genre_train.metrics import confusion, recalls
from genre_train.refitting import EVERYTHING
from genre_train.runs import FINISHED

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from genre_export.opening import ExportSettings, Trained
    from genre_export.parity import Parity
    from genre_train.heldout import HeldOut


def provenance(
    trained: Trained, settings: ExportSettings, n_ranges: int, notes: list[str]
) -> dict[str, Any]:
    """Return where a bundle comes from, and the limits that follow."""
    config = trained.config
    described = config["data"]
    return {
        "data": described["name"],
        "data_sha256": described["sha256"],
        "licence_of_data": described["licence"],
        "split": described["split"],
        "leaky": described.get("leaky", False),
        "trained_on": config.get("trained_on", "train"),
        "counts": described["counts"],
        "window_frames": described["window_frames"],
        "model": config["settings"]["model"],
        "parameters": int(trained.model.count_params()),
        "epochs": trained.state["epochs"],
        "finished": trained.state["state"] == FINISHED,
        "seed": config["settings"]["seed"],
        "commit": config["commit"],
        "started": config["started"],
        "versions": config["versions"],
        "ranges_from": f"{n_ranges} chunks of train, balanced by genre, "
        f"seed {settings.seed}",
        "int8_tuning": f"{settings.tuning_steps} steps on train, without labels",
        "limits": [*short_windows(trained.data), *notes],
    }


def twin_of(trained: Trained, path: Path | None) -> BundleInfo | None:
    """Return what the twin's bundle says, where the run has held nothing out.

    Raises
    ------
    ConfigError
        If a twin is missing, not wanted, or of other labels or features.
    """
    refitted = trained.config.get("trained_on") == EVERYTHING
    if refitted != (path is not None):
        raise ConfigError(
            "the run was trained on everything, so that no figure can be measured on "
            "it: give the bundle of the run it was refitted after with --twin"
            if refitted
            else "--twin is for runs of 'genre-train refit': this one has held-out "
            "tracks of its own"
        )
    if path is None:
        return None
    info = read_bundle(path).info
    if info.labels != trained.data.labels or info.spec != trained.data.spec:
        raise ConfigError(f"{path} has other labels or features than the run")
    return info


def metrics_of(twin: BundleInfo, parity: Parity) -> dict[str, Any]:
    """Return the figures of the twin, and of this conversion what needs no labels."""
    return {
        **twin.metrics,
        "of": "the twin trained on train alone; this model has learned from valid too",
        "same_top1": parity.agreement.to_json(),
        "max_dp": round(parity.max_dp, 4),
    }


def metrics(
    trained: Trained, parity: Parity, logits: NDArray[np.float32], held: HeldOut
) -> dict[str, Any]:
    """Return the figures on the held-out side."""
    labels, genre = trained.data.labels, trained.patches.genre
    matrix = confusion(logits, genre)
    probabilities, threshold = cross_fitted(held, no_music_of(labels))
    confidence = measure(held.logits, probabilities, held.genre, threshold)
    return {
        "on": "valid, windows looped to a patch where they are shorter",
        "window_accuracy": {
            "int8": parity.int8_accuracy.to_json(),
            "float": parity.float_accuracy.to_json(),
        },
        "same_top1": parity.agreement.to_json(),
        "max_dp": round(parity.max_dp, 4),
        "recall": recalls(matrix, labels),
        "confusion": matrix.tolist(),
        "calibration": {
            "fitted_on": held.told,
            "measured": "cross-fitted: each fifth of the tracks with temperature and "
            "threshold of the other four",
            **confidence.to_json(),
        },
    }
