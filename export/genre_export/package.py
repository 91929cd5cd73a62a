"""Run folder to bundle: convert, calibrate, compare, describe."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from genre_daemon import __version__
from genre_daemon.errors import ConfigError
from genre_daemon.inference.bundle import Bundle, BundleInfo, Calibration, write_bundle
from genre_daemon.inference.classifier import Classifier, softmax
from genre_daemon.messages import NO_MUSIC
from genre_export.calibration import cross_fitted, fit_calibration
from genre_export.confidence import Confidence, measure
from genre_export.notes import read_notes, short_windows
from genre_export.parity import Parity, compare, int8_logits
from genre_export.quantize import quantize
from genre_export.representative import representative
from genre_export.tuning import tune
from genre_train.conditions import evaluate_conditions
from genre_train.ears import BundleEar
from genre_train.heldout import HeldOut, load_held_out
from genre_train.loading import load_again
from genre_train.metrics import confusion, recalls
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
    held_out: Path | None = None
    """Logits of a cross-validation to calibrate on; by default the held-out side."""
    conditions: Path | None = None
    """Data folder to measure rooms and no-music on; None leaves that out."""
    notes: Path | None = None
    """Text file: limits and licence, a sentence a line, for the model card."""


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


@dataclass(frozen=True)
class Comparison:
    """What can be said of a bundle by looking at held-out patches."""

    parity: Parity
    confidence: Confidence
    """With the calibration of the bundle."""

    def render(self) -> str:
        """Write it for people."""
        return f"{self.parity.render()}\n{self.confidence.render()}"


def build(run: Path, out: Path, settings: ExportSettings, *, force: bool) -> Comparison:
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
    notes = read_notes(settings.notes)
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
    logits = int8_logits(
        Classifier(Bundle(bare, flatbuffer, out)), trained.patches.patches
    )
    held = HeldOut(logits, genre, trained.patches.track, "valid, int8")
    if settings.held_out is not None:
        held = load_held_out(settings.held_out, data.labels)
    calibration = fit_calibration(held.logits, held.genre, _no_music(data.labels))
    found = _compare(trained, logits, calibration)
    if not force:
        found.parity.require()
    info = replace(
        bare,
        calibration=calibration,
        provenance=_provenance(trained, settings, len(ranges), notes),
        metrics=_metrics(trained, found.parity, logits, held),
    )
    if settings.conditions is not None:
        ear = BundleEar(Bundle(info, flatbuffer, out))
        room = evaluate_conditions(ear, settings.conditions)
        info = replace(info, metrics={**info.metrics, "conditions": room})
    write_bundle(out, flatbuffer, info)
    return found


def verify(bundle: Bundle, run: Path, data: Path | None) -> Comparison:
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
    return _compare(trained, logits, bundle.info.calibration)


def _compare(
    trained: Trained, logits: NDArray[np.float32], calibration: Calibration
) -> Comparison:
    floats, genre = predict(trained.model, trained.patches), trained.patches.genre
    temperature = calibration.temperature
    probabilities = softmax(logits, temperature)
    no_music = _no_music(trained.data.labels)
    return Comparison(
        compare(floats, logits, genre, temperature, no_music),
        measure(logits, probabilities, genre, calibration.threshold),
    )


def _no_music(labels: tuple[str, ...]) -> int | None:
    return labels.index(NO_MUSIC) if NO_MUSIC in labels else None


def _provenance(
    trained: Trained, settings: ExportSettings, n_ranges: int, notes: list[str]
) -> dict[str, Any]:
    config = trained.config
    described = config["data"]
    return {
        "data": described["name"],
        "data_sha256": described["sha256"],
        "licence_of_data": described["licence"],
        "split": described["split"],
        "leaky": described.get("leaky", False),
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
        "limits": [*short_windows(trained.data), *notes],
    }


def _metrics(
    trained: Trained, parity: Parity, logits: NDArray[np.float32], held: HeldOut
) -> dict[str, Any]:
    labels, genre = trained.data.labels, trained.patches.genre
    matrix = confusion(logits, genre)
    probabilities, threshold = cross_fitted(held, _no_music(labels))
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
