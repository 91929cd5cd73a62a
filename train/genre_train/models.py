"""Networks: standardised patch in, one logit a label out.

Conventions
-----------
Input (n, n_frames, n_mels, 1), any number of frames: one set of weights serves the
3 s of the training arrays and the 5 s of the daemon's patch. Output (n, n_labels)
logits; temperature and softmax belong to whoever reads them. Only layers that every
Keras backend and the int8 converter know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_train.backend import load_keras

if TYPE_CHECKING:
    from collections.abc import Callable

_CHANNELS = (24, 48, 64, 96, 128)
_DROPOUT = 0.4
_NORM_MOMENTUM = 0.95  # follows within a short training, too


def compact(n_mels: int, n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Build the shipped network: five separable blocks, 29 thousand parameters.

    Two things are there for int8, where all channels of a tensor share one scale:
    rectifiers end at 6, and the depthwise filters are normalised too, so that no
    channel is so loud that the others vanish. The converter folds both away.

    Mean pooling says how much of a pattern there is, maximum pooling whether there
    is any. Each has its own weights, added at the end: in int8 the two then keep
    their own scales, which one concatenated tensor could not.
    """
    keras = load_keras()

    layers = keras.layers
    inputs = keras.Input((None, n_mels, 1), name="patch")
    x = layers.Conv2D(_CHANNELS[0], 3, padding="same", use_bias=False)(inputs)
    x = layers.BatchNormalization(momentum=_NORM_MOMENTUM)(x)
    x = layers.ReLU(max_value=6.0)(x)  # (n, frames, mels, 24)
    for channels in _CHANNELS[1:]:
        x = layers.MaxPooling2D(2)(x)  # halves frames and mels
        x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(
            momentum=_NORM_MOMENTUM, center=False, scale=False
        )(x)
        x = layers.Conv2D(channels, 1, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=_NORM_MOMENTUM)(x)
        x = layers.ReLU(max_value=6.0)(x)
    mean = layers.GlobalAveragePooling2D()(x)  # (n, 128)
    peak = layers.GlobalMaxPooling2D()(x)  # (n, 128)
    outputs = layers.Add(name="logits")(
        [
            # Beginning at nought: the sum of 128 maxima would else take a long time
            # to come down to the size of a logit.
            layers.Dense(n_labels, use_bias=use_bias, kernel_initializer="zeros")(
                layers.Dropout(_DROPOUT)(pooled)
            )
            for pooled, use_bias in ((mean, True), (peak, False))
        ]
    )
    return keras.Model(inputs, outputs, name="compact")


MODELS: dict[str, Callable[[int, int], Any]] = {"compact": compact}
"""Networks by name: each takes the number of bands and of labels."""
