"""A network made of an imitation and a classifier."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from genre_daemon.features.spec import FeatureSpec
from genre_train.backend import load_keras
from genre_train.batching import Scenery
from genre_train.dataset import DataSet, Windows
from genre_train.imitation.classifying import classify, complete
from genre_train.imitation.opening import open_imitation
from genre_train.imitation.probing import Probe
from genre_train.models import SHIPPED, SLIM_STEM, Design, trunk
from genre_train.predicting import predict, predict_chunks
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from pathlib import Path

SPEC = FeatureSpec()
N_LABELS = 3


def untaught(design: Design = SHIPPED) -> Any:  # noqa: ANN401 - keras is untyped
    """A trunk as it is before it imitates anything."""
    keras = load_keras()
    keras.utils.set_random_seed(0)
    chunks = keras.Input((None, SPEC.n_mels, 1), name="chunk")
    return keras.Model(chunks, trunk(chunks, design), name="imitation")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What 'genre-train imitate' leaves, of a trunk that was taught nothing."""
    path = tmp_path / "imitation"
    path.mkdir()
    (path / "config.json").write_text(json.dumps({"spec": SPEC.to_json()}))
    untaught().save(path / "model.keras")
    return path


def music(rng: np.random.Generator) -> DataSet:
    """Spectra that fall, rise, or do neither."""
    slope = np.linspace(-1, 1, SPEC.n_mels)
    genre = np.arange(48) % N_LABELS
    noise = rng.normal(size=(48, 128, SPEC.n_mels))
    patches = (noise + (genre - 1)[:, None, None] * slope).astype(np.float32)
    patches /= patches.std(axis=(1, 2), keepdims=True)
    windows = Windows(patches, genre, np.arange(48).astype(str))
    train, valid = windows.take(np.arange(36)), windows.take(np.arange(36, 48))
    return DataSet("made up", "", ("a", "b", "c"), SPEC, "by hand", train, valid)


@pytest.mark.parametrize("design", [SHIPPED, SLIM_STEM], ids=["shipped", "slim"])
def test_it_gives_what_the_classifier_gives_upon_the_patterns(
    design: Design, rng: np.random.Generator
) -> None:
    imitation = untaught(design)
    chunks = rng.normal(size=(4, 86, SPEC.n_mels)).astype(np.float32)
    blocks = ("block_1_1", "block_2_1", "block_2_2", "block_3_1", "block_3_2")
    names = [f"{name}_relu" for name in ("stem", *blocks)]
    outputs = [imitation.get_layer(name).output for name in names]
    hear = load_keras().Model(imitation.input, outputs)
    heard = hear.predict(chunks[..., None], verbose=0)
    means = [patterns.mean(axis=(1, 2)) for patterns in heard]
    features = np.hstack([*means, *(one.max(axis=2).mean(axis=1) for one in heard)])
    kernel = rng.normal(size=(features.shape[1], N_LABELS)).astype(np.float32)
    bias = np.array([1.0, 0.0, -1.0], np.float32)
    weights = Probe(kernel, bias, features.mean(axis=0), features.std(axis=0) + 0.1)
    network = complete(imitation, weights, every_level=True)
    said = predict_chunks(network, chunks)
    np.testing.assert_allclose(said, features @ kernel + bias, rtol=1e-3, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "channels"),
    [("compact", 48 + 64 + 112 + 144 + 224 + 320), ("one-level", 320)],
)
def test_labels_are_learned_from_the_training_side_the_same_every_time(
    model: str, channels: int, folder: Path, rng: np.random.Generator
) -> None:
    data, settings = music(rng), TrainSettings(model=model, epochs=1)
    scenery = Scenery(imitation=open_imitation(folder, SPEC))
    networks = [classify(data, scenery, settings) for _ in range(2)]
    kernel, _ = networks[0].get_layer("logits").get_weights()
    assert kernel.shape == (2 * channels, N_LABELS)
    said = [predict(network, data.valid, SPEC) for network in networks]
    np.testing.assert_array_equal(said[0], said[1])
    assert (said[0].argmax(axis=1) == data.valid.genre).mean() > 0.8
