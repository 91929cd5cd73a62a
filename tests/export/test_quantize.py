"""Integers throughout, in the converted network."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.inference.interpreter import Interpreter
from genre_export.quantize import QuantizationError, quantize, refuse_floats

SPEC = FeatureSpec(patch_frames=40, chunk_frames=16, n_mels=16)


def test_the_shipped_bundle_has_no_float_in_it() -> None:
    refuse_floats(read_bundle(SHIPPED).flatbuffer)


@pytest.fixture(scope="module")
def keras() -> Any:  # noqa: ANN401 - keras is untyped
    return pytest.importorskip("keras")


@pytest.mark.slow
def test_a_network_is_converted_to_the_shape_of_a_chunk(
    keras: Any,  # noqa: ANN401
    rng: np.random.Generator,
) -> None:
    layers = keras.layers
    chunk = keras.Input((None, 16, 1))
    x = layers.Conv2D(4, 3, activation="relu")(chunk)
    model = keras.Model(chunk, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
    chunks = rng.normal(size=(8, 16, 16)).astype(np.float32)
    flatbuffer = quantize(model, SPEC, chunks)
    assert flatbuffer[4:8] == b"TFL3"
    refuse_floats(flatbuffer)
    converted = Interpreter(flatbuffer)
    assert converted.input.shape == (1, 16, 16, 1)
    assert converted.output.shape == (1, 3)


@pytest.mark.slow
def test_a_layer_that_has_no_integer_kernel_is_named(
    keras: Any,  # noqa: ANN401
    rng: np.random.Generator,
) -> None:
    chunk = keras.Input((None, 16, 1))
    x = keras.layers.GlobalAveragePooling2D()(keras.ops.sin(chunk))
    model = keras.Model(chunk, keras.layers.Dense(3)(x))
    chunks = rng.normal(size=(8, 16, 16)).astype(np.float32)
    with pytest.raises(QuantizationError, match=re.compile("convert|float32")):
        quantize(model, SPEC, chunks)


@pytest.mark.slow
def test_a_float_model_is_refused(keras: Any) -> None:  # noqa: ANN401
    import tensorflow as tf  # noqa: PLC0415 - takes seconds

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    flatbuffer = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    with pytest.raises(QuantizationError, match=r"is float32 in the converted network"):
        refuse_floats(flatbuffer)
