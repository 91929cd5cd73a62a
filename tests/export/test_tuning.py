"""Tuning brings the rounded network closer to the one that was trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import Bundle, BundleInfo, Calibration
from genre_daemon.inference.classifier import Classifier
from genre_export.parity import int8_logits
from genre_export.quantize import quantize
from genre_export.rounding import measure_ranges, with_rounding
from genre_export.tuning import tune
from genre_train.augment import standardise_batch
from genre_train.dataset import Windows
from genre_train.predicting import predict

pytestmark = pytest.mark.slow

SPEC = FeatureSpec(patch_frames=32, chunk_frames=32, n_mels=32)


def noise(n: int, seed: int) -> Windows:
    rng = np.random.default_rng(seed)
    patches = rng.normal(size=(n, 32, 32)) + 2 * rng.normal(size=(n, 1, 32))
    batch = standardise_batch(patches.astype(np.float32))
    return Windows(batch, np.zeros(n, np.int64), np.array([str(i) for i in range(n)]))


@pytest.fixture(scope="module")
def model() -> Any:  # noqa: ANN401 - keras is untyped
    """Give a network whose channels differ in loudness a hundredfold."""
    import keras  # noqa: PLC0415 - takes seconds

    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    layers = keras.layers
    chunk = keras.Input((None, 32, 1))
    x = chunk
    for channels in (8, 16, 32):
        x = layers.Conv2D(channels, 1)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.Conv2D(16, 1, activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    network = keras.Model(chunk, layers.Dense(4)(x))
    for layer in network.layers:
        if isinstance(layer, layers.DepthwiseConv2D):
            kernel, bias = layer.get_weights()
            loudness = np.exp(1.5 * rng.normal(size=(kernel.shape[2], 1)))
            layer.set_weights([kernel * loudness, bias])
    return network


def logits(model: Any, ranges: Windows, heard: Windows) -> Any:  # noqa: ANN401
    rounding = with_rounding(model, measure_ranges(model, ranges.patches))
    flatbuffer = quantize(rounding, SPEC, ranges.patches)
    info = BundleInfo("toy", "1", tuple("abcd"), SPEC, Calibration())
    classifier = Classifier(Bundle(info, flatbuffer, __file__))  # type: ignore[arg-type] # only named in errors
    return int8_logits(classifier, heard.patches)


def test_the_int8_model_comes_closer_and_the_network_stays_as_it_was(
    model: Any,  # noqa: ANN401
) -> None:
    train, held_out = noise(64, 0), noise(32, 1)
    wanted, before = predict(model, held_out, SPEC), model.get_weights()
    ranges = measure_ranges(model, train.patches)
    tuned = tune(model, train.patches, ranges, steps=400, seed=0)
    assert all(
        np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True)
    )
    plain = np.abs(logits(model, train, held_out) - wanted).mean()
    better = np.abs(logits(tuned, train, held_out) - wanted).mean()
    assert better < 0.7 * plain


def test_no_steps_change_nothing(model: Any) -> None:  # noqa: ANN401
    windows = noise(8, 0)
    ranges = measure_ranges(model, windows.patches)
    same = tune(model, windows.patches, ranges, steps=0, seed=0)
    first, second = (predict(one, windows, SPEC) for one in (same, model))
    assert np.array_equal(first, second)
