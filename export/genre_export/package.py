"""Run folder to bundle: convert, calibrate, compare, describe."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genre_daemon import __version__
from genre_daemon.errors import ConfigError
from genre_daemon.inference.bundle import Bundle, BundleInfo, Calibration, write_bundle
from genre_daemon.inference.classifier import Classifier, softmax
from genre_export.calibration import fit_calibration
from genre_export.parity import Parity, compare, int8_logits
from genre_export.quantize import quantize
from genre_export.representative import representative
from genre_export.tuning import tune
from genre_train.loading import load_again
from genre_train.metrics import (
    Share,
    calibration_error,
    confusion,
    log_loss,
    recalls,
    share,
)
from genre_train.runs import FINISHED, RunFolder
from genre_train.training import predict

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from genre_train.dataset import DataSet, Windows


@dataclass(frozen=True)
class ExportSettings:
    """What to make of a run."""

    name: str = "genre-listen"
    version: str = __version__
    per_genre: int = 40
    """Representative patches of each genre."""
    tuning_steps: int = 300
    """Batches on which the network is tuned to rounding; 0 converts it as it is."""
    seed: int = 0
    """Of representative patches and batches."""
    data: Path | None = None
    """Where the run's data are, if they have moved."""


@dataclass(frozen=True)
class Trained:
    """A run with its network and its data, ready to be converted or compared."""

    config: dict[str, Any]
    state: dict[str, Any]
    model: Any
    data: DataSet
    patches: Windows
    """Held-out windows as the daemon hears them: looped to a whole patch."""


def open_run(run: Path, data: Path | None) -> Trained:
    """Load what a run trained, and what it trained on.

    Raises
    ------
    ConfigError
        If the run has no model, or its data are gone or changed.
    """
    # The converter is TensorFlow's, whatever backend the network was trained with.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    folder = RunFolder(run)
    config, state = folder.config(), folder.state()
    model = folder.load_model()
    loaded = load_again(config, data)
    looped = loaded.valid.looped(loaded.spec.patch_frames, loaded.spec.top_db)
    return Trained(config, state, model, loaded, looped)


def build(run: Path, out: Path, settings: ExportSettings, *, force: bool) -> Parity:
    """Write the bundle of a run.

    Parameters
    ----------
    force : bool
        Write it even if the int8 model differs too much from the network.

    Raises
    ------
    ParityError
        If it differs too much and ``force`` is not set; nothing is written then.
    QuantizationError
        If the network cannot be turned into integers altogether.
    """
    if not out.parent.is_dir():
        raise ConfigError(f"there is no folder {out.parent} to write {out.name} to")
    trained = open_run(run, settings.data)
    data, genre = trained.data, trained.patches.genre
    ranges = representative(data, per_genre=settings.per_genre, seed=settings.seed)
    model = trained.model
    if settings.tuning_steps:
        heard = data.train.looped(data.spec.patch_frames, data.spec.top_db)
        model = tune(
            model, heard, ranges, steps=settings.tuning_steps, seed=settings.seed
        )
    flatbuffer = quantize(model, data.spec, ranges)
    bare = BundleInfo(
        settings.name, settings.version, data.labels, data.spec, Calibration()
    )
    classifier = Classifier(Bundle(bare, flatbuffer, out))
    logits = int8_logits(classifier, trained.patches.patches)
    calibration = fit_calibration(logits, genre)
    parity = compare(
        predict(trained.model, trained.patches), logits, genre, calibration.temperature
    )
    if not force:
        parity.require()
    info = BundleInfo(
        settings.name,
        settings.version,
        data.labels,
        data.spec,
        calibration,
        _provenance(trained, settings, len(ranges)),
        _metrics(trained, parity, logits, calibration),
    )
    write_bundle(out, flatbuffer, info)
    return parity


def verify(bundle: Bundle, run: Path, data: Path | None) -> Parity:
    """Compare a bundle with the network of a run, on the held-out patches.

    Raises
    ------
    ConfigError
        If they have different labels or features.
    """
    trained = open_run(run, data)
    same = bundle.info.labels == trained.data.labels
    if not (same and bundle.info.spec == trained.data.spec):
        raise ConfigError(
            f"{bundle.path} and {run} have different labels or features: this "
            "bundle was made from another run"
        )
    logits = int8_logits(Classifier(bundle), trained.patches.patches)
    floats = predict(trained.model, trained.patches)
    temperature = bundle.info.calibration.temperature
    return compare(floats, logits, trained.patches.genre, temperature)


def _provenance(
    trained: Trained, settings: ExportSettings, n_ranges: int
) -> dict[str, Any]:
    config = trained.config
    described = config["data"]
    return {
        "data": described["name"],
        "data_sha256": described["sha256"],
        "licence_of_data": described["licence"],
        "split": described["split"],
        "trained_on": "train",
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
        "ranges_from": f"{n_ranges} patches of train, balanced by genre, "
        f"seed {settings.seed}",
        "int8_tuning": f"{settings.tuning_steps} steps on train, without labels",
    }


def _metrics(
    trained: Trained,
    parity: Parity,
    logits: NDArray[np.float32],
    calibration: Calibration,
) -> dict[str, Any]:
    labels, genre = trained.data.labels, trained.patches.genre
    probabilities = softmax(logits, calibration.temperature)
    named = probabilities.max(axis=1) >= calibration.threshold
    matrix = confusion(logits, genre)
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
            "fitted_on": "valid (temperature and threshold), so these flatter a little",
            "log_loss_before": round(log_loss(softmax(logits), genre), 4),
            "log_loss": round(log_loss(probabilities, genre), 4),
            "calibration_error": round(calibration_error(probabilities, genre), 4),
            "named": share(named).to_json(),
            "right_when_named": _right(probabilities, genre, named),
        },
    }


def _right(
    probabilities: NDArray[np.float32],
    genre: NDArray[np.int64],
    named: NDArray[np.bool_],
) -> dict[str, Any] | None:
    if not named.any():
        return None
    right = probabilities.argmax(axis=1)[named] == genre[named]
    return Share(int(right.sum()), int(named.sum())).to_json()
