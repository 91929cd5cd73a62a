"""What several networks have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNIT_DB = 17.0
"""Decibels of one unit of a standardised patch: the usual deviation of music."""
FLOOR_DB = 80.0
"""Decibels under the maximum where levels are clipped."""


def patch_input(keras: Any, patches: NDArray[np.float32]) -> Any:  # noqa: ANN401 - keras is untyped
    """Return an input for standardised patches, shape (n, frames, bands, 1)."""
    return keras.Input(patches.shape[1:], name="patch")


def decibels(keras: Any, patch: Any) -> Any:  # noqa: ANN401 - keras is untyped
    """Turn a standardised patch back into decibels over the floor, 0 to 80.

    The peak of every patch is at 80 dB, whatever its recording was: the absolute level
    is not in a patch.
    """
    layers = keras.layers
    peak = layers.GlobalMaxPooling2D(keepdims=True)(patch)
    below = layers.Subtract()([patch, peak])
    return layers.ReLU()(layers.Rescaling(UNIT_DB, offset=FLOOR_DB)(below))


def standardised(keras: Any, inputs: Any, values: NDArray[np.float32]) -> Any:  # noqa: ANN401 - keras is untyped
    """Standardise features by the mean and deviation of the training side.

    Parameters
    ----------
    values : ndarray, shape (n, ..., n_features)
        Of the training side only.
    """
    over = tuple(range(values.ndim - 1))
    return keras.layers.Normalization(
        mean=values.mean(axis=over, dtype=np.float64).tolist(),
        variance=np.maximum(values.var(axis=over, dtype=np.float64), 1e-12).tolist(),
    )(inputs)


def dense_stack(keras: Any, x: Any, units: tuple[int, ...], dropout: float) -> Any:  # noqa: ANN401 - keras is untyped
    """Add dense layers with ReLU, each followed by dropout."""
    for width in units:
        x = keras.layers.Dense(width, activation="relu")(x)
        x = keras.layers.Dropout(dropout)(x)
    return x


def logits(keras: Any, x: Any, n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Add the last layer."""
    return keras.layers.Dense(n_labels, name="logits")(x)
