"""What a network says of a window is what it says of its chunks, on average."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.features.spec import FeatureSpec
from genre_train.dataset import Windows
from genre_train.predicting import predict

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEC = FeatureSpec()


class Bands:
    """Stands in for a network: the logits are the levels of two bands at the end."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def predict(self, chunks: NDArray[np.float32], **_: object) -> NDArray[np.float32]:
        """Answer as a Keras network does."""
        self.shapes.append(chunks.shape)
        return chunks[:, -1, :2, 0]


def test_of_a_window_the_mean_over_its_chunks_is_said(
    rng: np.random.Generator,
) -> None:
    model = Bands()
    patches = rng.normal(size=(16, 48, 128)).astype(np.float32)
    windows = Windows(patches, np.zeros(16, np.int64), np.arange(16).astype(str))
    logits = predict(model, windows, SPEC)
    assert model.shapes == [(16 * 4, 86, 128, 1)]
    assert logits.dtype == np.float32
    chunks = windows.chunks(SPEC)
    np.testing.assert_allclose(logits, chunks[:, :, -1, :2].mean(axis=1), atol=1e-6)
