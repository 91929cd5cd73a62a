"""Beginning with another imitation: what is kept of it, and what cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.imitation.slimming import begin_with
from genre_train.models import Design, Stage, trunk

N_MELS = 32
BROAD = Design(6, (Stage((8,), (2, 1)), Stage((10, 12))))
SLIM = Design(4, (Stage((5,), (2, 1)), Stage((7, 12))))


def patterns(design: Design, seed: int) -> Any:  # noqa: ANN401 - keras is untyped
    """A trunk with weights, means and variances at random."""
    keras = load_keras()
    chunks = keras.Input((None, N_MELS, 1), name="chunk")
    model = keras.Model(chunks, trunk(chunks, design))
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        kernel = [rng.normal(0.0, 0.3, w.shape) for w in layer.get_weights()]
        norm = [rng.uniform(0.5, 1.0, w.shape) for w in layer.get_weights()]
        layer.set_weights(kernel if len(kernel) == 1 else norm)
    return model


def say(model: Any, rng: np.random.Generator) -> np.ndarray:  # noqa: ANN401
    chunks = rng.normal(size=(3, 64, N_MELS, 1)).astype(np.float32)
    return np.asarray(model.predict(chunks, verbose=0))


def test_one_with_the_same_channels_gives_the_same() -> None:
    chosen, earlier = patterns(BROAD, 0), patterns(BROAD, 1)
    begin_with(chosen, earlier)
    for one, other in zip(chosen.get_weights(), earlier.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_channels_that_are_read_by_none_are_left_out_and_nothing_is_lost() -> None:
    rng = np.random.default_rng(2)
    chosen, earlier = patterns(SLIM, 0), patterns(BROAD, 1)
    narrowed = {"block_1_1": 2, "block_2_1": 3, "block_2_2": 3}  # channels unread
    for block, n_left_out in narrowed.items():
        layer = earlier.get_layer(f"{block}_pointwise")
        (weights,) = layer.get_weights()
        unread = rng.choice(weights.shape[2], n_left_out, replace=False)
        weights[:, :, unread] = 0.0
        layer.set_weights([weights])
    begin_with(chosen, earlier)
    heard = [say(one, np.random.default_rng(3)) for one in (chosen, earlier)]
    np.testing.assert_allclose(heard[0], heard[1], rtol=1e-4, atol=1e-5)
    assert np.ptp(heard[1]) > 0.1


def test_how_much_is_read_counts_against_what_else_there_is() -> None:
    chosen, earlier = patterns(Design(1, SLIM.stages), 0), patterns(BROAD, 1)
    layer, norm = (
        earlier.get_layer(f"block_1_1_{name}") for name in ("pointwise", "norm")
    )
    weights = np.full((1, 1, 6, 8), 0.1, np.float32)
    weights[0, 0, 2] = 0.3  # a little of all that is made
    weights[0, 0, 4, 0] = 2.0  # much of something that varies far more
    layer.set_weights([weights])
    gamma, beta, mean, variance = norm.get_weights()
    variance[:] = 1.0
    variance[0] = 1e3
    norm.set_weights([gamma, beta, mean, variance])
    begin_with(chosen, earlier)
    kept, all_of_them = (
        one.get_layer("stem").get_weights()[0] for one in (chosen, earlier)
    )
    np.testing.assert_array_equal(kept[..., 0], all_of_them[..., 2])


def test_what_it_does_not_have_is_not_made_up() -> None:
    with pytest.raises(ConfigError, match="has 4 channels in stem, of which 6 cannot"):
        begin_with(patterns(BROAD, 0), patterns(SLIM, 1))
    other_end = Design(6, (Stage((8,), (2, 1)), Stage((10, 11))))
    with pytest.raises(ConfigError, match="12 channels in block_2_2, of which 11"):
        begin_with(patterns(other_end, 0), patterns(BROAD, 1))
    shallow = Design(4, (Stage((12,), (2, 1)),))
    with pytest.raises(ConfigError, match="has other layers: see --model"):
        begin_with(patterns(shallow, 0), patterns(BROAD, 1))
