"""What a network says of windows, of patches and of chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.dataset import Windows

_PREDICT_BATCH = 64


def predict(
    model: Any,  # noqa: ANN401 - keras is untyped
    windows: Windows,
    spec: FeatureSpec,
) -> NDArray[np.float32]:
    """Return the logits of windows, shape (n, n_labels), as the daemon computes them.

    Windows shorter than a patch are looped; of the chunks of each, the mean is taken.
    """
    return predict_patches(model, windows.chunks(spec))


def predict_patches(model: Any, chunks: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ANN401 - keras is untyped
    """Return the logits of patches, shape (n, n_labels): the mean of their chunks'.

    Parameters
    ----------
    chunks : ndarray, shape (n, n_chunks, chunk_frames, n_mels), float32, standardised
    """
    logits = predict_chunks(model, chunks.reshape(-1, *chunks.shape[2:]))
    together = logits.reshape(*chunks.shape[:2], -1).mean(axis=1)
    return np.asarray(together, np.float32)


def predict_chunks(model: Any, chunks: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ANN401 - keras is untyped
    """Return the logits of chunks, shape (n, n_labels).

    Parameters
    ----------
    chunks : ndarray, shape (n, chunk_frames, n_mels), float32, standardised
    """
    logits = model.predict(chunks[..., None], batch_size=_PREDICT_BATCH, verbose=0)
    return np.asarray(logits, np.float32)
