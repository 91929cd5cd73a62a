"""The network: its size, and that one set of weights serves any length."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from genre_train.models import MODELS, SHIPPED, build, discount
from genre_train.multiplyadds import multiply_adds

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> Any:  # noqa: ANN401 - keras is untyped
    import keras  # noqa: PLC0415 - takes seconds

    keras.utils.set_random_seed(0)
    untrained = build(128, 10)
    rng = np.random.default_rng(0)
    untrained.set_weights(  # its last layers would give nothing
        [
            w if w.any() else 0.1 * rng.normal(size=w.shape)
            for w in untrained.get_weights()
        ]
    )
    return untrained


@pytest.mark.parametrize("name", MODELS)
def test_each_network_has_a_logit_for_each_label(name: str) -> None:
    network = MODELS[name](128, 11)
    assert network.compute_output_shape((3, 86, 128, 1)) == (3, 11)
    assert network.count_params() < 500_000


def test_the_network_is_compact(model: Any) -> None:  # noqa: ANN401
    assert 150_000 < model.count_params() < 170_000


def test_the_classifier_reads_every_level_or_only_the_last(
    rng: np.random.Generator,
) -> None:
    patches = rng.normal(size=(2, 64, 32, 1)).astype(np.float32)
    all_of_them = (48, 64, 112, 144, 224, 320)
    for every_level, channels in ((True, all_of_them), (False, all_of_them[-1:])):
        network = build(32, 4, replace(SHIPPED, every_level=every_level))
        kernel, _ = network.get_layer("logits").get_weights()
        assert kernel.shape == (2 * sum(channels), 4)
        assert network.predict(patches, verbose=0).shape == (2, 4)


def test_a_hop_costs_less_than_sixteen_million_multiplications(model: Any) -> None:  # noqa: ANN401
    assert 12e6 < multiply_adds(model, (86, 128)) < 16e6


def test_the_same_weights_take_chunks_of_any_even_length(
    model: Any,  # noqa: ANN401
    rng: np.random.Generator,
) -> None:
    for n_frames in (32, 86, 216):
        batch = rng.normal(size=(2, n_frames, 128, 1)).astype(np.float32)
        logits = model.predict(batch, verbose=0)
        assert logits.shape == (2, 10)
        assert np.isfinite(logits).all()


def test_a_loop_that_fits_the_pooling_sounds_the_same_at_any_length(
    model: Any,  # noqa: ANN401
    rng: np.random.Generator,
) -> None:
    # Steady in time, so that beginning and end, where the borders are, weigh little.
    steady = np.repeat(rng.normal(size=(1, 1, 128, 1)), 512, axis=1).astype(np.float32)
    short, long = (model.predict(steady[:, :n], verbose=0)[0] for n in (256, 512))
    spread = float(np.std(long))
    assert np.abs(short - long).max() < 0.2 * spread


def test_logits_are_no_probabilities(model: Any, rng: np.random.Generator) -> None:  # noqa: ANN401
    batch = 3 * rng.normal(size=(8, 128, 128, 1)).astype(np.float32)
    sums = model.predict(batch, verbose=0).sum(axis=1)
    assert not np.allclose(sums, 1)


def test_a_discounted_label_loses_its_margin_and_no_other_changes(
    rng: np.random.Generator,
) -> None:
    model = build(32, 4)
    patches = rng.normal(size=(2, 64, 32, 1)).astype(np.float32)
    before = model.predict(patches, verbose=0)
    discount(model, 2, 0.75)
    change = model.predict(patches, verbose=0) - before
    assert change == pytest.approx(np.tile([0.0, 0.0, -0.75, 0.0], (2, 1)), abs=1e-6)
