"""Hints: what is taken from embeddings, and what a network learns from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genre_train.hints import Hints, lesson, with_hints
from genre_train.losses import crossentropy
from genre_train.models import MODELS

Rows = dict[str, np.ndarray]


def rows(rng: np.random.Generator, count: int, shift: float = 0.0) -> Rows:
    """Embeddings in which two strong directions lie across weak noise."""
    mixing = np.random.default_rng(7).normal(size=(2, 90))
    strong = rng.normal(size=(count, 2))
    weak = rng.normal(size=(count, 90))
    values = (5.0 * strong @ mixing + weak + shift).astype(np.float16)
    return {"musicnn": values, "yamnet": values}


def test_hints_are_the_whitened_components_of_recordings(
    rng: np.random.Generator,
) -> None:
    heard = [rows(rng, 30) for _ in range(20)]
    hints = Hints.learn(heard)
    told = np.concatenate([hints.of_recording(one) for one in heard])
    assert told.shape == (600, 128)
    assert told.dtype == np.float32
    covariance = told[:, :64].T @ told[:, :64] / len(told)
    assert covariance == pytest.approx(np.eye(64), abs=1e-2)


def test_the_first_components_say_most(rng: np.random.Generator) -> None:
    heard = [rows(rng, 30) for _ in range(20)]
    values = np.concatenate([one["musicnn"] for one in heard]).astype(np.float32)
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    told = np.concatenate([Hints.learn(heard).of_recording(one) for one in heard])
    foretold = told[:, :2] @ (told[:, :2].T @ standard / len(told))
    assert np.mean((standard - foretold) ** 2) < 0.15


def test_few_numbers_have_as_many_components(rng: np.random.Generator) -> None:
    short = {name: values[:, :8] for name, values in rows(rng, 50).items()}
    hints = Hints.learn([short])
    assert hints.of_recording(short).shape == (50, 16)
    assert np.isfinite(hints.of_recording(short)).all()


def test_windows_that_sound_hollow_are_standardised_by_themselves(
    rng: np.random.Generator,
) -> None:
    hints = Hints.learn([rows(rng, 30) for _ in range(20)])
    windows = [rows(rng, 2) for _ in range(40)]
    hollow = [
        {name: (0.5 * one + 40.0).astype(np.float16) for name, one in window.items()}
        for window in windows
    ]
    told = hints.of_windows(windows)
    assert told.shape == (40, 128)
    # Half precision is all that embeddings are kept in.
    assert hints.of_windows(hollow)[:, :2] == pytest.approx(told[:, :2], abs=0.1)


@pytest.mark.slow
def test_a_network_with_hints_shares_all_its_layers(rng: np.random.Generator) -> None:
    model = MODELS["compact"](128, 3)
    names = [layer.name for layer in model.layers]
    pupil = with_hints(model, 5)
    batch = rng.normal(size=(2, 64, 128, 1)).astype(np.float32)
    said = pupil.predict(batch, verbose=0)
    assert said.shape == (2, 3 + 5)
    assert said[:, :3] == pytest.approx(model.predict(batch, verbose=0), abs=1e-6)
    assert [layer.name for layer in model.layers] == names
    assert {id(one) for one in model.layers} < {id(one) for one in pupil.layers}


@pytest.mark.slow
def test_the_loss_is_that_of_the_labels_and_of_known_hints(
    rng: np.random.Generator,
) -> None:
    said = rng.normal(size=(2, 3 + 4)).astype(np.float32)
    labels = np.eye(3, dtype=np.float32)[:2]
    hints = rng.normal(size=(2, 4)).astype(np.float32)
    hints[1] = np.nan
    genres = np.asarray(crossentropy(labels, said[:, :3]))
    squared = np.mean((said[0, 3:] - hints[0]) ** 2)
    found = np.asarray(lesson(3, 0.5)(np.hstack((labels, hints)), said))
    assert found == pytest.approx([genres[0] + 0.5 * squared, genres[1]], abs=1e-5)


def train(pupil: Any, targets: np.ndarray, batch: np.ndarray) -> list[float]:  # noqa: ANN401 - keras is untyped
    import keras  # noqa: PLC0415 - takes seconds

    pupil.compile(keras.optimizers.Adam(0.01), lesson(3, 1.0), jit_compile=False)
    return [float(pupil.train_on_batch(batch, targets)) for _ in range(30)]


@pytest.mark.slow
def test_hints_are_learned_and_unknown_ones_do_no_harm(
    rng: np.random.Generator,
) -> None:
    import keras  # noqa: PLC0415 - takes seconds

    keras.utils.set_random_seed(0)
    model = MODELS["compact"](128, 3)
    batch = rng.normal(size=(6, 32, 128, 1)).astype(np.float32)
    batch += np.arange(6, dtype=np.float32)[:, None, None, None]
    hints = np.arange(6, dtype=np.float32)[:, None] / 3
    hints[0] = np.nan
    targets = np.hstack((np.eye(3, dtype=np.float32)[np.arange(6) % 3], hints))
    pupil = with_hints(model, 1)
    losses = train(pupil, targets, batch)
    assert losses[-1] < 0.2 * losses[0]
    assert all(np.isfinite(weights).all() for weights in model.get_weights())
