"""Bias correction: what rounding adds on average is taken off again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import Bundle, BundleInfo, Calibration
from genre_daemon.inference.classifier import Classifier
from genre_export.bias import correct_bias
from genre_export.quantize import quantize
from genre_train.backend import load_keras
from genre_train.models import build, shift_logits
from genre_train.predicting import predict_chunks

if TYPE_CHECKING:
    from pathlib import Path

SPEC = FeatureSpec()
LABELS = ("a", "b", "c")


@pytest.mark.slow
def test_the_int8_network_says_on_average_what_the_float_one_says(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    keras = load_keras()
    keras.utils.set_random_seed(0)
    model = build(SPEC.n_mels, len(LABELS))
    for name in ("mean_weights", "peak_weights"):
        layer = model.get_layer(name)
        drawn = rng.normal(size=layer.kernel.shape).astype(np.float32)
        layer.kernel.assign(0.2 * drawn)
    chunks = rng.normal(size=(40, SPEC.chunk_frames, SPEC.n_mels)).astype(np.float32)
    wanted = predict_chunks(model, chunks)
    tuned = keras.models.clone_model(model)
    tuned.set_weights(model.get_weights())
    shift_logits(tuned, np.array([0.5, 0.0, -0.5], np.float32))  # as rounding might

    def rounded() -> Classifier:
        info = BundleInfo("tiny", "0", LABELS, SPEC, Calibration())
        return Classifier(Bundle(info, quantize(tuned, SPEC, chunks), tmp_path / "x"))

    def error(classifier: Classifier) -> np.ndarray:
        said = np.stack([classifier.hear(chunk) for chunk in chunks])
        return np.asarray((said - wanted).mean(axis=0))

    before = error(rounded())
    correct_bias(tuned, rounded(), model, chunks)
    after = error(rounded())
    assert np.abs(before).max() > 0.4
    assert np.abs(after).max() < 0.05
