"""Folded stems give the same integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.interpreter import Interpreter
from genre_export.quantize import quantize
from genre_export.stems import fold_stems, fold_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEC = FeatureSpec(patch_frames=16, chunk_frames=16, n_mels=24)


def convolve(
    x: NDArray[np.int64], weights: NDArray[np.int8], strides: tuple[int, int]
) -> NDArray[np.int64]:
    """Convolve (height, width, channels) as TensorFlow does with "same" padding."""
    sizes = weights.shape[1:3]
    pads = []
    for length, size, stride in zip(x.shape, sizes, strides, strict=False):
        total = max(0, (-(-length // stride) - 1) * stride + size - length)
        pads.append((total // 2, total - total // 2))
    windows = sliding_window_view(np.pad(x, (*pads, (0, 0))), sizes, axis=(0, 1))
    strided = windows[:: strides[0], :: strides[1]]
    return np.asarray(np.einsum("ijcyx,oyxc->ijo", strided, weights, dtype=np.int64))


@pytest.mark.parametrize("kernel", [(5, 5), (5, 3), (3, 3), (4, 7), (2, 1), (6, 12)])
@pytest.mark.parametrize("stride", [1, 2, 4, 6])
def test_weights_are_only_moved(
    kernel: tuple[int, int], stride: int, rng: np.random.Generator
) -> None:
    weights = rng.integers(-127, 128, (6, *kernel, 1)).astype(np.int8)
    x = rng.integers(-128, 128, (16, 24))
    squares = x.reshape(8, 2, 12, 2).transpose(0, 2, 1, 3)
    rows = squares.reshape(8, 24 // max(stride, 2), -1)
    folded = convolve(rows, fold_weights(weights, stride), (1, 1))
    expected = convolve(x[..., None], weights, (2, stride))
    np.testing.assert_array_equal(folded.reshape(expected.shape), expected)


@pytest.mark.slow
def test_a_network_with_three_stems_says_the_same_to_the_last_bit(
    rng: np.random.Generator,
) -> None:
    keras = pytest.importorskip("keras")
    chunks = rng.normal(size=(8, 16, 24)).astype(np.float32)
    model = three_stems(keras)
    folded = quantize(model, SPEC, chunks)
    plain = quantize(model, SPEC, chunks, fold=False)
    assert folded != plain
    assert fold_stems(folded) == folded
    for patch in rng.integers(-128, 128, (20, 1, 16, 24, 1)).astype(np.int8):
        np.testing.assert_array_equal(
            Interpreter(folded).run(patch), Interpreter(plain).run(patch)
        )


def three_stems(keras: Any) -> Any:  # noqa: ANN401 - keras is untyped
    """One that halves frames and bands, one that keeps every band, a coarse one."""
    layers = keras.layers
    patch = keras.Input((None, 24, 1))
    ends = []
    for size, strides in ((5, (2, 2)), (3, (2, 1)), (12, (2, 4))):
        x = layers.Conv2D(5, (5, size), strides=strides, padding="same")(patch)
        x = layers.ReLU(max_value=6.0)(layers.BatchNormalization()(x))
        ends.append(layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
    return keras.Model(patch, layers.Average()(ends))
