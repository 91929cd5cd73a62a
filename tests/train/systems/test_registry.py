"""The published systems: all there, as large as they say, and none like another."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.systems.registry import NAMES, SYSTEMS, System, find

ISSUED = {
    "compact",
    "flat-cnn",
    "flat-cnn-first",
    "flat-cnn-2x2",
    "feature-cnn",
    "image-cnn",
    "mfcc-lstm",
    "feature-mlp",
    "hybrid",
    "feature-dnn",
    "time-axis-cnn",
}


def built(system: System) -> Any:  # noqa: ANN401 - keras is untyped
    shown = tuple(np.zeros((2, *shape), np.float32) for shape in system.shapes)
    return system.network(shown, system.genres or 10)


def kinds(model: Any) -> list[str]:  # noqa: ANN401 - keras is untyped
    return [type(layer).__name__ for layer in model.layers]


def test_the_eleven_are_there() -> None:
    assert set(NAMES) == ISSUED
    assert len(NAMES) == 11


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no system 'vgg'.*flat-cnn.*time-axis-cnn"):
        find("vgg")


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS.values(), ids=lambda system: system.name)
def test_a_system_is_as_large_as_it_says_and_gives_logits(system: System) -> None:
    model = built(system)
    assert model.count_params() == system.parameters
    assert model.output_shape == (None, system.genres or 10)
    assert model.layers[-1].activation.__name__ == "linear"


@pytest.mark.slow
def test_none_is_a_copy_of_another() -> None:
    models = [built(system) for system in SYSTEMS.values()]
    assert len({model.count_params() for model in models}) == len(models)
    assert len({tuple(kinds(model)) for model in models}) > len(models) - 3


@pytest.mark.slow
def test_flat_cnn_has_the_published_penalties() -> None:
    conv = next(x for x in built(SYSTEMS["flat-cnn"]).layers if "Conv" in str(type(x)))
    assert (conv.filters, conv.kernel_size) == (32, (3, 3))
    kernel, bias, activity = (
        conv.kernel_regularizer,
        conv.bias_regularizer,
        conv.activity_regularizer,
    )
    assert [float(kernel.l1), float(kernel.l2)] == [0.01, 0.01]
    assert [float(bias.l2), float(activity.l2)] == [0.01, 0.01]
    recipe = SYSTEMS["flat-cnn"].recipe
    assert recipe.patience == 5


@pytest.mark.parametrize(
    ("name", "epochs", "batch_size", "patience"),
    [
        ("flat-cnn-first", 10, 32, 0),
        ("flat-cnn-2x2", 100, 32, 3),
        ("feature-cnn", 10, 4, 0),
        ("mfcc-lstm", 60, 32, 0),
        ("hybrid", 20, 32, 0),
        ("feature-dnn", 600, 128, 0),
    ],
)
def test_recipes_are_the_published_ones(
    name: str, epochs: int, batch_size: int, patience: int
) -> None:
    recipe = SYSTEMS[name].recipe
    assert (recipe.epochs, recipe.batch_size) == (epochs, batch_size)
    assert recipe.patience == patience
    assert recipe.learning_rate == 0.001


@pytest.mark.slow
def test_the_peak_of_a_patch_is_at_80_db_whatever_its_gain() -> None:
    keras = load_keras()
    from genre_train.systems.networks.parts import decibels  # noqa: PLC0415

    inputs = keras.Input((8, 4, 1))
    model = keras.Model(inputs, decibels(keras, inputs))
    patch = np.random.default_rng(0).normal(size=(1, 8, 4, 1)).astype(np.float32)
    heard = model.predict(np.concatenate([patch, patch - 3]), verbose=0)
    assert heard.max() == pytest.approx(80)
    assert heard.min() >= 0
    np.testing.assert_allclose(heard[0], heard[1], atol=1e-3)


@pytest.mark.slow
def test_systems_lists_source_input_size_and_figure_of_each() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from genre_train.cli import main; main()",
            "systems",
            "--json",
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    listed = {system["name"]: system for system in json.loads(done.stdout)}
    assert set(listed) == ISSUED
    for system in listed.values():
        assert system["source"]
        assert system["input"]
        assert system["parameters"] > 0
    assert listed["feature-dnn"]["published"] == "92.93 %"
