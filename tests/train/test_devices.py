"""A training over two devices comes to what it comes to on one.

The devices are virtual: two halves of one processor, which a process must ask for
before TensorFlow wakes up. So all this happens in a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.train.test_arrays import write
from tests.train.test_resume import Notebook, history
from tests.train.test_training import DATA, coloured

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.cli import app
from genre_train.devices import Devices, shares
from genre_train.models import MODELS
from genre_train.training import Epoch, fit
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Weights = NDArray[np.float32]

pytestmark = pytest.mark.slow

# In batches of 9, no two devices can share one evenly.
UNEVEN = replace(DATA, train=coloured(27, 0))


def bare(n_mels: int, n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Build two branches in which no window has to do with another."""
    layers = load_keras().layers
    inputs = layers.Input((None, n_mels, 1))
    logits = []
    for size in (3, 5):
        x = layers.Conv2D(4, size, strides=4, activation="relu")(inputs)
        logits.append(layers.Dense(n_labels)(layers.GlobalAveragePooling2D()(x)))
    return load_keras().Model(inputs, layers.Average()(logits))


def normed(n_mels: int, n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Build a layer that sees the slope of a spectrum, with a norm and dropout."""
    layers = load_keras().layers
    inputs = layers.Input((None, n_mels, 1))
    x = layers.Conv2D(8, (1, n_mels), use_bias=False)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return load_keras().Model(inputs, layers.Dense(n_labels)(x))


def halve_the_processor() -> None:
    import tensorflow as tf  # noqa: PLC0415 - in the other process only

    tf.config.set_visible_devices([], "GPU")
    processor = tf.config.list_physical_devices("CPU")[0]
    half = tf.config.LogicalDeviceConfiguration()
    tf.config.set_logical_device_configuration(processor, [half, half])
    MODELS.update(bare=bare, normed=normed)


@pytest.fixture(scope="module")
def halves() -> Iterator[ProcessPoolExecutor]:
    """A process with two devices."""
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), initializer=halve_the_processor
    ) as pool:
        yield pool


def settings(devices: int) -> TrainSettings:
    return TrainSettings("bare", 4, batch_size=9, seed=3, devices=devices)


def straight_on_one() -> tuple[list[Weights], list[float]]:
    epochs: list[Epoch] = []
    trained = fit(UNEVEN, settings(1), epochs.append)
    return trained.model.get_weights(), [epoch.loss for epoch in epochs]


def broken_off_on_two(path: Path) -> tuple[list[Weights], list[float]]:
    epochs: list[Epoch] = []
    with pytest.raises(RuntimeError, match="the power failed"):
        fit(UNEVEN, settings(2), epochs.append, keeper=Notebook(path, 2))
    went_on = fit(UNEVEN, settings(2), epochs.append, keeper=Notebook(path, 0))
    return went_on.model.get_weights(), [epoch.loss for epoch in epochs]


def test_two_devices_take_the_steps_of_one_even_if_killed_meanwhile(
    halves: ProcessPoolExecutor, tmp_path: Path
) -> None:
    alone, losses = halves.submit(straight_on_one).result()
    path = tmp_path / "checkpoint.npz"
    shared, shared_losses = halves.submit(broken_off_on_two, path).result()
    assert shared_losses == pytest.approx(losses, rel=1e-4)
    for one, other in zip(alone, shared, strict=True):
        assert np.allclose(one, other, atol=1e-4)


def command(*arguments: str) -> int:
    try:
        app(arguments)
    except SystemExit as done:
        return int(done.code or 0)
    return 0


def test_the_command_learns_on_two_devices(
    halves: ProcessPoolExecutor, tmp_path: Path
) -> None:
    windows = coloured(48, 2)
    arrays = write(
        tmp_path / "x.npz",
        logmel=np.swapaxes(windows.patches, 1, 2).astype(np.float16),
        track=windows.track,
        genre=np.array(["falling", "rising"])[windows.genre],
        split=np.array(["train"] * 32 + ["valid"] * 16),
    )
    run = tmp_path / "run"
    arguments = ["fit", str(arrays), "--out", str(run), "--model", "normed"]
    arguments += ["--epochs", "12", "--batch-size", "8", "--devices", "2"]
    assert halves.submit(command, *arguments).result() == 0
    assert history(run) == list(range(1, 13))
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["patch"]["accuracy"]["value"] >= 0.9


def chosen(count: int) -> int | str:
    try:
        return len(Devices.choose(count))
    except ConfigError as refused:
        return str(refused).removesuffix(", or leave it out")


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (0, 1),  # processors are only shared among if one asks for it
        (1, 1),
        (2, 2),
        (3, "--devices is 3, but TensorFlow finds only 2 (CPU): give at most 2"),
    ],
)
def test_as_many_devices_as_there_are_can_be_had(
    halves: ProcessPoolExecutor, wanted: int, got: int | str
) -> None:
    assert halves.submit(chosen, wanted).result() == got


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8])
def test_every_device_has_as_many_windows_and_each_window_counts_once(n: int) -> None:
    order, weights = shares(n, 3)
    assert len(order) % 3 == 0
    assert set(order) == set(range(n))
    values = np.arange(n) ** 2.0
    assert np.mean(values[order] * weights) == pytest.approx(values.mean())
