"""Channels brought to the same reach: the network gives what it gave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genre_export.equalising import equalise

pytestmark = pytest.mark.slow

N_MELS = 16


def network(*, scaled: bool) -> Any:  # noqa: ANN401 - keras is untyped
    """Two norms, one of which is read by two layers; their own scale is a choice."""
    import keras  # noqa: PLC0415 - takes seconds

    keras.utils.set_random_seed(0)
    layers = keras.layers
    chunk = keras.Input((None, N_MELS, 1))
    x = layers.Conv2D(8, 3, name="loud")(chunk)
    x = layers.BatchNormalization(scale=scaled, center=scaled, name="read_once")(x)
    x = layers.Conv2D(6, 1, name="reader")(x)
    x = layers.BatchNormalization(scale=False, center=False, name="read_twice")(x)
    both = layers.Add()([layers.Conv2D(4, 1)(x), layers.Conv2D(4, 1)(x)])
    logits = layers.Dense(3)(layers.GlobalAveragePooling2D()(both))
    model = keras.Model(chunk, logits)
    mean, variance = np.zeros(8), np.geomspace(1e-4, 1.0, 8)
    norm = model.get_layer("read_once")
    affine = [np.ones(8), np.zeros(8)] if scaled else []
    norm.set_weights([*affine, mean, variance])
    return model


@pytest.fixture
def chunks(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(12, 20, N_MELS)).astype(np.float32)


def reach(model: Any, chunks: np.ndarray) -> np.ndarray:  # noqa: ANN401
    import keras  # noqa: PLC0415

    probe = keras.Model(model.input, model.get_layer("read_once").output)
    values = probe.predict(chunks[..., None], verbose=0)
    return np.asarray(np.abs(values).max(axis=(0, 1, 2)))


def test_channels_reach_half_as_far_apart_and_nothing_else_changes(
    chunks: np.ndarray,
) -> None:
    model = network(scaled=False)
    before = model.get_weights()
    equal = equalise(model, chunks)
    said, wanted = (one.predict(chunks[..., None], verbose=0) for one in (equal, model))
    np.testing.assert_allclose(said, wanted, rtol=1e-3, atol=1e-4)
    ratios = [
        reach(one, chunks).max() / reach(one, chunks).min() for one in (model, equal)
    ]
    assert np.log(ratios[1]) == pytest.approx(np.log(ratios[0]) / 2, rel=0.05)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_channel_that_says_nothing_upsets_nothing(chunks: np.ndarray) -> None:
    model = network(scaled=False)
    kernel, bias = model.get_layer("loud").get_weights()
    kernel[..., 3] = bias[3] = 0.0
    model.get_layer("loud").set_weights([kernel, bias])
    said = equalise(model, chunks).predict(chunks[..., None], verbose=0)
    wanted = model.predict(chunks[..., None], verbose=0)
    np.testing.assert_allclose(said, wanted, rtol=1e-3, atol=1e-4)


def test_a_norm_with_two_readers_stays(chunks: np.ndarray) -> None:
    model = network(scaled=False)
    equal = equalise(model, chunks)
    for one, other in zip(
        model.get_layer("read_twice").get_weights(),
        equal.get_layer("read_twice").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_a_norm_with_a_scale_of_its_own_stays(chunks: np.ndarray) -> None:
    model = network(scaled=True)
    for one, other in zip(
        model.get_weights(), equalise(model, chunks).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
