"""The training loop, on noise that is coloured by its genre."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.features.spec import FeatureSpec
from genre_train.augment import Batch, standardise_batch
from genre_train.background import Background, Piece
from genre_train.batching import Scenery
from genre_train.dataset import DataSet, Windows
from genre_train.losses import any_genre
from genre_train.predicting import predict, predict_chunks
from genre_train.training import Epoch, fit
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from collections.abc import Callable


def coloured(n: int, seed: int) -> Windows:
    """Give noise that falls with frequency (genre 0) or rises (genre 1)."""
    rng = np.random.default_rng(seed)
    genre = np.arange(n) % 2
    slope = np.linspace(-2, 2, 128) * np.where(genre, 1, -1)[:, None]
    patches = rng.normal(size=(n, 48, 128)) + slope[:, None, :]
    return Windows(
        standardise_batch(patches.astype(np.float32)),
        genre,
        np.array([str(seed * n + i) for i in range(n)]),
    )


DATA = DataSet(
    name="noise",
    sha256="",
    labels=("falling", "rising"),
    spec=FeatureSpec(),
    split="by hand",
    train=coloured(32, 0),
    valid=coloured(16, 1),
)


@pytest.mark.slow
def test_a_network_learns_what_can_be_learned() -> None:
    epochs: list[Epoch] = []
    settings = TrainSettings(epochs=15, batch_size=8)
    trained = fit(DATA, settings, epochs.append)
    assert trained.finished
    assert [epoch.epoch for epoch in epochs] == list(range(1, 16))
    assert epochs[-1].loss < epochs[0].loss
    said = predict(trained.model, DATA.valid, DATA.spec).argmax(axis=1)
    assert (said == DATA.valid.genre).mean() >= 0.9


@pytest.mark.slow
def test_the_same_seed_gives_the_same_network() -> None:
    settings = TrainSettings(epochs=2, batch_size=8, seed=3)
    first, second = (
        predict(fit(DATA, settings, lambda _: None).model, DATA.valid, DATA.spec)
        for _ in range(2)
    )
    assert np.ptp(first) > 0.1
    assert np.allclose(first, second, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("patience", "measured"), [(0, 2), (9, 5)])
def test_a_long_training_measures_only_some_epochs(
    patience: int, measured: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_train.training._MEASUREMENTS", 2)
    heard: list[Windows] = []

    def overhear(_model: object, windows: Windows, _spec: FeatureSpec) -> Batch:
        heard.append(windows)
        return np.eye(len(windows), 2, dtype=np.float32)

    monkeypatch.setattr("genre_train.training.predict", overhear)
    epochs: list[Epoch] = []
    fit(DATA, TrainSettings(epochs=5, patience=patience), epochs.append)
    assert len(epochs) == 5
    assert len(heard) == measured


@pytest.mark.slow
def test_no_music_is_told_apart_without_a_labelled_window_of_it() -> None:
    rng = np.random.default_rng(0)
    hum = [10 * rng.normal(size=(60, 128)).astype(np.float32) for _ in range(4)]
    for frames in hum:
        frames[:, 40:44] += 60.0
    unknown = any_genre((*DATA.labels, "no_music"))[None]
    music = [
        Piece(17 * patch, np.zeros(1, np.int64), unknown)
        for patch in coloured(8, 5).patches
    ]
    background = Background({"synthetic": hum}, music, DATA.spec.chunk_frames)
    data = replace(DATA, labels=(*DATA.labels, "no_music"))
    settings = TrainSettings(epochs=40, batch_size=8, beside=16)
    trained = fit(data, settings, lambda _: None, scenery=Scenery(background))
    heard = standardise_batch(background.draw_no_music(rng, 16))
    assert (predict_chunks(trained.model, heard).argmax(axis=1) == 2).mean() >= 0.9
    said = predict(trained.model, data.valid, data.spec).argmax(axis=1)
    assert (said == data.valid.genre).mean() >= 0.9


@pytest.mark.slow
def test_an_interrupted_training_keeps_the_average_so_far() -> None:
    def stop_after(n: int) -> Callable[[Epoch], None]:
        def record(epoch: Epoch) -> None:
            if epoch.epoch == n:
                raise KeyboardInterrupt

        return record

    trained = fit(DATA, TrainSettings(epochs=50, batch_size=8), stop_after(2))
    assert (trained.epochs, trained.finished) == (2, False)
    assert np.isfinite(predict(trained.model, DATA.valid, DATA.spec)).all()
