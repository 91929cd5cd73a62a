"""Learning from other networks: lessons, the trunk, and beginning with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.embeddings import Embeddings
from genre_train.lessons import (
    Lesson,
    Lessons,
    fit_projection,
    prepare_lessons,
    project,
)
from genre_train.models import BROAD, MODELS, grow
from genre_train.nomusic import FIT, FREE_MUSIC, Sound, Source
from genre_train.pretraining import PretrainSettings, begin_with, pretrain
from genre_train.samples import read_samples
from genre_train.yamnet import SAMPLE_RATE, Yamnet

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


def test_a_chunk_is_taught_what_is_said_of_the_seconds_it_lies_in(
    rng: np.random.Generator,
) -> None:
    frame_s = SPEC.hop_length / SPEC.sample_rate
    n = round(20 / frame_s)
    frames = np.tile(np.arange(n, dtype=np.float32)[:, None], (1, 128))
    seconds = np.arange(19, dtype=np.float32)[:, None]  # at which a row begins
    lessons = Lessons([Lesson(frames, seconds)], SPEC)
    levels, targets = lessons.draw(rng, 16)
    assert levels.shape == (16, SPEC.chunk_frames, 128)
    begins = levels[:, 0, 0] * frame_s
    assert targets[:, 0] - begins == pytest.approx(np.zeros(16), abs=0.51)


def test_each_tagger_is_projected_by_itself(rng: np.random.Generator) -> None:
    sounds, known = [], {}
    for number in range(4):
        source = Source(f"free_music/{number}", FREE_MUSIC, FIT, str(number), None)
        sounds.append(Sound(source, np.zeros((400, 128), np.float32)))
        known[source.name] = {
            "musicnn": (1e3 * rng.normal(size=(9, 6))).astype(np.float16),
            "yamnet": rng.normal(size=(9, 5)).astype(np.float16),
        }
    lessons = prepare_lessons(sounds, Embeddings(known), SPEC, 4)
    assert (len(lessons), lessons.n_targets) == (4, 8)
    _, targets = lessons.draw(rng, 400)
    loud, quiet = targets[:, :4].std(), targets[:, 4:].std()
    assert loud == pytest.approx(
        quiet, rel=0.2
    )  # though one is a thousand times louder


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
        Lessons(lessons, SPEC),
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


def test_yamnet_gives_an_embedding_every_second(data_dir: Path) -> None:
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    rain = read_samples(data_dir / "esc10" / "1-17367-A-10.flac", SAMPLE_RATE)  # 5 s
    embeddings = yamnet.embed(rain, window_s=2.0, hop_s=1.0)
    assert embeddings.shape == (4, 1024)
    assert np.isfinite(embeddings).all()
    assert np.ptp(embeddings) > 0.1


def test_yamnet_hears_a_short_sound_with_silence_behind_it(data_dir: Path) -> None:
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    click = np.ones(100, np.float32)
    assert yamnet.embed(click, window_s=2.0, hop_s=1.0).shape == (1, 1024)


def test_another_model_is_not_taken_for_yamnet(tmp_path: Path) -> None:
    path = tmp_path / "yamnet.tflite"
    path.write_bytes(b"no model" * 100)
    with pytest.raises(ConfigError, match="cannot open the teacher"):
        Yamnet(path)
