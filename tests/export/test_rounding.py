"""Ranges of int8 values, simulated and converted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.interpreter import load_runtime
from genre_export.quantize import quantize
from genre_export.rounding import measure_ranges, with_rounding

pytestmark = pytest.mark.slow

SPEC = FeatureSpec(patch_frames=40, chunk_frames=16, n_mels=16)


@pytest.fixture(scope="module")
def model() -> Any:  # noqa: ANN401 - keras is untyped
    import keras  # noqa: PLC0415 - takes seconds

    keras.utils.set_random_seed(0)
    layers = keras.layers
    chunk = keras.Input((None, 16, 1), name="chunk")
    x = layers.Conv2D(6, 3, use_bias=False, name="convolution")(chunk)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(max_value=6.0, name="relu")(x)
    x = layers.MaxPooling2D(2, name="pool")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(chunk, layers.Dense(3, name="logits")(x))


@pytest.fixture
def chunks(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(300, 16, 16)).astype(np.float32)


def test_each_output_that_int8_rounds_has_a_range_with_nought_in_it(
    model: Any,  # noqa: ANN401
    chunks: np.ndarray,
) -> None:
    ranges = measure_ranges(model, chunks)
    assert list(ranges) == ["chunk", "relu", "depthwise", "mean", "logits"]
    assert all(low <= 0.0 <= high for low, high in ranges.values())
    assert ranges["relu"][0] == 0.0


def test_a_click_does_not_widen_the_range_of_all(
    model: Any,  # noqa: ANN401
    chunks: np.ndarray,
) -> None:
    usual = measure_ranges(model, chunks)["chunk"]
    chunks[7, 3, 5] = 1000.0
    low, high = measure_ranges(model, chunks)["chunk"]
    assert (low, high) == pytest.approx(usual, rel=0.1)


def test_outputs_are_rounded_to_256_levels(
    model: Any,  # noqa: ANN401
    chunks: np.ndarray,
) -> None:
    ranges = measure_ranges(model, chunks)
    only = with_rounding(model, {"logits": ranges["logits"]})
    said = only.predict(chunks[..., None], verbose=0)
    wanted = model.predict(chunks[..., None], verbose=0)
    low, high = ranges["logits"]
    step = (high - low) / 255
    assert len(np.unique(said)) < 257
    np.testing.assert_allclose(said / step, np.rint(said / step), atol=1e-3)
    inside = (wanted > low) & (wanted < high)
    assert np.abs(said - wanted)[inside].max() < 0.51 * step


def test_the_converter_takes_the_ranges_as_they_are(
    model: Any,  # noqa: ANN401
    chunks: np.ndarray,
) -> None:
    ranges = {
        name: (2 * low, 2 * high)
        for name, (low, high) in measure_ranges(model, chunks).items()
    }
    flatbuffer = quantize(with_rounding(model, ranges), SPEC, chunks[:40])
    interpreter = load_runtime().Interpreter(model_content=flatbuffer)
    steps = [
        round(tensor["quantization"][0], 4)
        for tensor in interpreter.get_tensor_details()
        if tensor["quantization_parameters"]["scales"].size == 1
    ]
    for low, high in ranges.values():
        assert round((high - low) / 255, 4) in steps
