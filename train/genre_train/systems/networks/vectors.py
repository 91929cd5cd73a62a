"""Networks on a vector of summary features, standardised by the training side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_train.backend import load_keras
from genre_train.systems.networks.parts import dense_stack, logits, standardised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def feature_cnn(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """One-dimensional convolutions along the list of features.

    Published: a 1-D CNN. Chosen here: 64 and 128 filters of 3, max-pooling 2 after
    each, a dense layer of 64 and dropout 0.3.
    """
    keras = load_keras()
    layers = keras.layers
    inputs = keras.Input(shown[0].shape[1:], name="features")
    x = standardised(keras, inputs, shown[0])
    x = layers.Reshape((-1, 1))(x)  # (n, 57, 1)
    for filters in (64, 128):
        x = layers.Conv1D(filters, 3, activation="relu", padding="same")(x)
        x = layers.MaxPooling1D(2)(x)
    x = dense_stack(keras, layers.Flatten()(x), (64,), 0.3)
    return keras.Model(inputs, logits(keras, x, n_labels))


def feature_mlp(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Three dense layers with dropout, the last of them the output.

    Chosen here: widths 128 and 64, dropout 0.3.
    """
    keras = load_keras()
    inputs = keras.Input(shown[0].shape[1:], name="features")
    x = dense_stack(keras, standardised(keras, inputs, shown[0]), (128, 64), 0.3)
    return keras.Model(inputs, logits(keras, x, n_labels))


def feature_dnn(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Narrow a wide dense stack down to the genres.

    Published: dense ReLU layers with dropout. Chosen here: 512, 256, 128, 64 and
    dropout 0.2, the shape that is passed around with the 3 s table.
    """
    keras = load_keras()
    inputs = keras.Input(shown[0].shape[1:], name="features")
    x = standardised(keras, inputs, shown[0])
    x = dense_stack(keras, x, (512, 256, 128, 64), 0.2)
    return keras.Model(inputs, logits(keras, x, n_labels))
