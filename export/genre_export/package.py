"""Run folder to bundle: convert, calibrate, compare, describe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.inference.bundle import (
    Bundle,
    BundleInfo,
    Calibration,
    write_bundle,
)
from genre_daemon.inference.classifier import Classifier
from genre_daemon.probabilities import softmax
from genre_export.calibration import fit_calibration
from genre_export.confidence import Confidence, measure
from genre_export.equalising import equalise
from genre_export.notes import read_notes
from genre_export.opening import ExportSettings, Trained, no_music_of, open_run
from genre_export.parity import Parity, compare, int8_logits
from genre_export.quantize import quantize
from genre_export.representative import other_chunks, representative
from genre_export.rounding import measure_ranges, with_rounding
from genre_export.telling import metrics, metrics_of, provenance, twin_of
from genre_export.tuning import tune
from genre_train.conditions import evaluate_conditions
from genre_train.ears import BundleEar
from genre_train.heldout import HeldOut, load_held_out
from genre_train.ingredients import Ingredients
from genre_train.predicting import predict

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


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
    background = Ingredients.of(trained.config).background
    others = other_chunks(background, data, n=settings.per_genre, seed=settings.seed)
    usual = representative(
        data, others, per_genre=settings.per_genre, seed=settings.seed
    )
    model = equalise(trained.model, usual)
    ranges = measure_ranges(model, usual)
    if settings.tuning_steps:
        chunks = np.concatenate([*data.train.chunks(data.spec), others])
        model = tune(
            model, chunks, ranges, steps=settings.tuning_steps, seed=settings.seed
        )
    flatbuffer = quantize(with_rounding(model, ranges), data.spec, usual)
    bare = BundleInfo(
        settings.name, settings.version, data.labels, data.spec, Calibration()
    )
    logits = int8_logits(
        Classifier(Bundle(bare, flatbuffer, out)), trained.patches.patches
    )
    held = HeldOut(logits, genre, trained.patches.track, "valid, int8")
    if settings.held_out is not None:
        held = load_held_out(settings.held_out, data.labels)
    twin = twin_of(trained, settings.twin)
    calibration = (
        fit_calibration(held.logits, held.genre, no_music_of(data.labels))
        if twin is None
        else twin.calibration
    )
    found = _compare(trained, logits, calibration)
    if not force:
        found.parity.require()
    info = replace(
        bare,
        calibration=calibration,
        provenance=provenance(trained, settings, len(usual), notes),
        metrics=metrics(trained, found.parity, logits, held)
        if twin is None
        else metrics_of(twin, found.parity),
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
    floats = predict(trained.model, trained.patches, trained.data.spec)
    genre = trained.patches.genre
    temperature = calibration.temperature
    probabilities = softmax(logits, temperature)
    no_music = no_music_of(trained.data.labels)
    return Comparison(
        compare(floats, logits, genre, temperature, no_music),
        measure(logits, probabilities, genre, calibration.threshold),
    )
