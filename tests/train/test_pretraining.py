"""Learning from YAMNet: lessons, the trunk, and beginning with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.lessons import Lesson, Lessons, fit_projection, project
from genre_train.models import BROAD, MODELS, grow
from genre_train.pretraining import PretrainSettings, begin_with, pretrain
from genre_train.yamnet import HOP_S, Yamnet

if TYPE_CHECKING:
    from pathlib import Path

SPEC = FeatureSpec()


def test_projections_are_uncorrelated_and_of_mean_variance_one(
    rng: np.random.Generator,
) -> None:
    mixing = rng.normal(size=(20, 20)) * np.linspace(3, 0.1, 20)
    embeddings = (rng.normal(size=(4000, 20)) @ mixing + 5).astype(np.float16)
    mean, projection = fit_projection(embeddings, 8)
    values = project(embeddings, mean, projection)
    covariance = np.cov(values.T)
    variances = np.diag(covariance)
    assert variances.mean() == pytest.approx(1.0, rel=0.02)
    assert (np.diff(variances) < 0).all()
    assert np.abs(covariance - np.diag(variances)).max() < 0.02


def test_a_window_is_taught_the_mean_of_the_embeddings_within_it(
    rng: np.random.Generator,
) -> None:
    frame_s = SPEC.hop_length / SPEC.sample_rate
    n = round(20 / frame_s)
    frames = np.tile(np.arange(n, dtype=np.float32)[:, None], (1, 128))
    moments = np.arange(round(20 / HOP_S) - 1, dtype=np.float32)[:, None] * HOP_S
    lessons = Lessons([Lesson(frames, moments)], SPEC, 128)
    levels, targets = lessons.draw(rng, 16)
    begins = levels[:, 0, 0] * frame_s
    # Embeddings in a window of 3 s begin between it and 2 s later.
    assert targets[:, 0] - begins == pytest.approx(np.full(16, 1.0), abs=0.3)


@pytest.mark.slow
def test_a_trunk_learns_what_can_be_learned(rng: np.random.Generator) -> None:
    lessons = []
    for level in np.linspace(-1, 1, 12):
        slope = np.linspace(-20, 20, 128, dtype=np.float32) * level
        frames = (5 * rng.normal(size=(200, 128)) + slope).astype(np.float32)
        lessons.append(Lesson(frames, np.full((9, 2), 1.7 * level, np.float32)))
    errors: list[float] = []
    settings = PretrainSettings(steps=60, batch_size=12, warmup_steps=5)
    pretrain(
        Lessons(lessons, SPEC, 48),
        SPEC.n_mels,
        settings,
        (),
        lambda _, error: errors.append(error),
    )
    assert errors[-1] < 0.7 * errors[0]


@pytest.mark.slow
def test_a_network_begins_with_the_trunk_and_keeps_the_rest() -> None:
    import keras  # noqa: PLC0415 - takes seconds

    keras.utils.set_random_seed(1)
    inputs = keras.Input((None, 128, 1))
    trunk = keras.Model(inputs, grow(BROAD, inputs))
    model = MODELS["compact"](128, 3)
    before = model.get_layer("fine_stem").get_weights()[0].copy()
    begin_with(model, trunk)
    assert same(model, trunk, "broad_stem")
    assert same(model, trunk, "broad_3_2_pointwise")
    assert np.array_equal(model.get_layer("fine_stem").get_weights()[0], before)


@pytest.mark.slow
def test_a_trunk_of_another_design_is_refused() -> None:
    import keras  # noqa: PLC0415 - takes seconds

    other = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(2, name="somewhere_else")]
    )
    with pytest.raises(ConfigError, match="'somewhere_else' has no counterpart"):
        begin_with(MODELS["compact"](128, 3), other)


def same(one: Any, other: Any, name: str) -> bool:  # noqa: ANN401 - keras is untyped
    first, second = (model.get_layer(name).get_weights() for model in (one, other))
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_yamnet_gives_an_embedding_every_half_window(data_dir: Path) -> None:
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    rain = data_dir / "esc10" / "1-17367-A-10.flac"  # 5 s
    embeddings = yamnet.embed(rain)
    assert embeddings.shape == (9, 1024)
    assert np.isfinite(embeddings).all()
    assert np.ptp(embeddings) > 0.1


def test_another_model_is_not_taken_for_yamnet(tmp_path: Path) -> None:
    path = tmp_path / "yamnet.tflite"
    path.write_bytes(b"no model" * 100)
    with pytest.raises(ConfigError, match="cannot open the teacher"):
        Yamnet(path)
