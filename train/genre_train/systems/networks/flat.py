"""Convolution, flatten, dense: the student system and the two it grew from.

All three see a log-mel patch in decibels. Their weights belong to one length of patch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_train.backend import load_keras
from genre_train.systems.networks.parts import (
    FLOOR_DB,
    decibels,
    logits,
    patch_input,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def flat_cnn(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """One convolution, every penalty that Keras offers, and dropout of a half.

    Published: decibels divided by their maximum, 32 filters of 3x3 with L1L2(0.01,
    0.01) on the kernel and L2 0.01 on bias and activity, max-pooling 2x2, dropout 0.5.
    """
    keras = load_keras()
    layers, penalty = keras.layers, keras.regularizers
    inputs = patch_input(keras, shown[0])
    x = layers.Rescaling(1 / FLOOR_DB)(decibels(keras, inputs))  # the maximum is 80 dB
    x = layers.Conv2D(
        32,
        3,
        activation="relu",
        kernel_regularizer=penalty.L1L2(0.01, 0.01),
        bias_regularizer=penalty.L2(0.01),
        activity_regularizer=penalty.L2(0.01),
    )(x)
    x = layers.Dropout(0.5)(layers.MaxPooling2D(2)(x))
    return keras.Model(inputs, logits(keras, layers.Flatten()(x), n_labels))


def flat_cnn_first(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Two convolutions on decibels as they are: the first attempt, which overfits.

    Published: 28 filters of 3x3 with L2 0.01, pooling, dropout 0.2, 14 filters of 3x3
    with L2 0.02, pooling, flatten, dropout 0.2. Chosen here: ReLU, 2x2 pooling.
    """
    keras = load_keras()
    layers, penalty = keras.layers, keras.regularizers
    inputs = patch_input(keras, shown[0])
    x = decibels(keras, inputs)
    x = layers.Conv2D(28, 3, activation="relu", kernel_regularizer=penalty.L2(0.01))(x)
    x = layers.Dropout(0.2)(layers.MaxPooling2D(2)(x))
    x = layers.Conv2D(14, 3, activation="relu", kernel_regularizer=penalty.L2(0.02))(x)
    x = layers.Dropout(0.2)(layers.Flatten()(layers.MaxPooling2D(2)(x)))
    return keras.Model(inputs, logits(keras, x, n_labels))


def flat_cnn_2x2(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """One small convolution without pooling, on decibels as they are.

    Published: 16 filters of 2x2 with L2 0.1, flatten, dropout 0.6. Chosen here: ReLU.
    """
    keras = load_keras()
    layers, penalty = keras.layers, keras.regularizers
    inputs = patch_input(keras, shown[0])
    x = decibels(keras, inputs)
    x = layers.Conv2D(16, 2, activation="relu", kernel_regularizer=penalty.L2(0.1))(x)
    x = layers.Dropout(0.6)(layers.Flatten()(x))
    return keras.Model(inputs, logits(keras, x, n_labels))
