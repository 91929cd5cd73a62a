"""Networks that follow time: a recurrent one, and one that collapses frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_train.backend import load_keras
from genre_train.systems.networks.parts import dense_stack, logits, standardised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def mfcc_lstm(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Two LSTM layers over the MFCC of every frame.

    Published: two LSTM, dense ReLU, dropout, softmax. Chosen here: 64 units in each of
    the three, dropout 0.3, and each coefficient standardised by the training side.
    """
    keras = load_keras()
    inputs = keras.Input(shown[0].shape[1:], name="mfcc")
    x = standardised(keras, inputs, shown[0])
    x = keras.layers.LSTM(64, return_sequences=True)(x)  # (n, frames, 64)
    x = keras.layers.LSTM(64)(x)  # (n, 64)
    x = dense_stack(keras, x, (64,), 0.3)
    return keras.Model(inputs, logits(keras, x, n_labels))


def time_axis_cnn(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Begin with filters as high as the picture: what is left is almost time alone.

    Published: Conv2D (height, 1) with padding 2, ReLU, max-pooling 2x2, Conv2D 5x5 with
    padding 2 and batch normalisation, dropout 0.2, dense 1024. Chosen here: 32 and 64
    filters, ReLU after the second convolution and the dense layer.
    """
    keras = load_keras()
    layers = keras.layers
    height, width = shown[0].shape[1:]
    inputs = keras.Input((height, width), name="square")
    x = layers.Reshape((height, width, 1))(inputs)
    x = layers.Conv2D(32, (height, 1), activation="relu")(layers.ZeroPadding2D(2)(x))
    x = layers.MaxPooling2D(2)(x)  # (n, 2, width / 2 + 2, 32)
    x = layers.Conv2D(64, 5, use_bias=False)(layers.ZeroPadding2D(2)(x))
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    x = layers.Dense(1024, activation="relu")(x)
    return keras.Model(inputs, logits(keras, x, n_labels))
