"""Networks that look at a spectrogram as at a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_train.backend import load_keras
from genre_train.systems.networks.parts import dense_stack, logits, standardised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def image_cnn(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Two convolutions and a dense layer on a grey picture.

    Published: two Conv2D + dense. Chosen here: 32 and 64 filters of 3x3, max-pooling
    2x2 after each, 64 dense units, no dropout.
    """
    keras = load_keras()
    inputs = keras.Input(shown[0].shape[1:], name="picture")
    x = _convolved(keras, inputs, (32, 64))
    x = keras.layers.Dense(64, activation="relu")(x)
    return keras.Model(inputs, logits(keras, x, n_labels))


def hybrid(shown: tuple[NDArray[np.float32], ...], n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Join a colour picture and 57 features, each with its own branch.

    Published: CNN and MLP branches, joined by dense + dropout. Chosen here: 16, 32 and
    64 filters and 64 dense units for the picture, 128 and 64 for the features, 64
    joining, dropout 0.3.
    """
    keras = load_keras()
    picture = keras.Input(shown[0].shape[1:], name="picture")
    features = keras.Input(shown[1].shape[1:], name="features")
    seen = keras.layers.Dense(64, activation="relu")(
        _convolved(keras, picture, (16, 32, 64))
    )
    known = dense_stack(keras, standardised(keras, features, shown[1]), (128, 64), 0.3)
    joined = dense_stack(keras, keras.layers.Concatenate()([seen, known]), (64,), 0.3)
    return keras.Model([picture, features], logits(keras, joined, n_labels))


def _convolved(keras: Any, x: Any, filters: tuple[int, ...]) -> Any:  # noqa: ANN401 - keras is untyped
    for count in filters:
        x = keras.layers.Conv2D(count, 3, activation="relu")(x)
        x = keras.layers.MaxPooling2D(2)(x)
    return keras.layers.Flatten()(x)
