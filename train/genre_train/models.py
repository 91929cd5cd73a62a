"""Networks: standardised chunk in, one logit a label out.

Conventions
-----------
Input (n, n_frames, n_mels, 1), any even number of frames from 32: one set of weights
serves chunks of any length. Output (n, n_labels) logits; averaging over chunks,
temperature and softmax belong to whoever reads them. Only layers that every Keras
backend and the int8 converter know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_train.backend import load_keras

if TYPE_CHECKING:
    from collections.abc import Callable

_DROPOUT = 0.4
_NORM_MOMENTUM = 0.97  # follows within a short training, too
_CEILING = 6.0  # of the rectifiers


@dataclass(frozen=True)
class Stage:
    """Separable blocks at one resolution."""

    channels: tuple[int, ...]
    """Of each block."""
    pool: tuple[int, int] = (2, 2)
    """Frames and bands that become one before the first block."""


@dataclass(frozen=True)
class Trunk:
    """A stem and separable blocks: what a branch has before it pools."""

    name: str
    """Its layers are called after it."""
    stem: int
    """Channels of the first layer."""
    kernel: tuple[int, int]
    strides: tuple[int, int]
    """Of the first layer, over frames and bands: at full resolution it would cost as
    much as all the others together."""
    stages: tuple[Stage, ...]


BROAD = Trunk(
    "broad",
    32,
    (5, 5),
    (2, 2),
    (Stage((64,)), Stage((112, 144)), Stage((224, 320))),
)
"""Sees coarsely and knows many patterns; large enough to be pretrained."""

FINE = Trunk(
    "fine",
    24,
    (5, 3),
    (2, 1),
    (Stage((48,)), Stage((64,)), Stage((96,)), Stage((128,))),
)
"""Sees every band by itself, and knows fewer patterns."""


def compact(n_mels: int, n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Build the shipped network: a broad and a fine branch, whose logits are averaged.

    The two are wrong about different music. They share nothing, and each is trained
    to be right alone (:func:`trainee`), or one would lean on the other.
    """
    keras = load_keras()
    chunks = keras.Input((None, n_mels, 1), name="chunk")
    logits = [
        _classify(grow(trunk, chunks), trunk.name, n_labels) for trunk in (BROAD, FINE)
    ]
    outputs = keras.layers.Average(name="logits")(logits)
    return keras.Model(chunks, outputs, name="compact")


def trainee(model: Any) -> Any:  # noqa: ANN401 - keras is untyped
    """Return the same network with the logits of each branch as an output of its own.

    A network without branches is returned as it is.
    """
    keras = load_keras()
    last = model.layers[-1]
    if not isinstance(last, keras.layers.Average):
        return model
    return keras.Model(model.input, last.input, name=model.name)


def discount(model: Any, label: int, margin: float) -> None:  # noqa: ANN401 - keras is untyped
    """Lower the logit of a label by a margin, in every branch.

    The label is then named only where it is ``exp(margin)`` times as likely as the
    next one: a threshold moved to where one error costs more than the other.

    References
    ----------
    C. Elkan, "The foundations of cost-sensitive learning", IJCAI 2001.
    """
    keras = load_keras()
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense) and layer.use_bias:
            bias = np.array(keras.ops.convert_to_numpy(layer.bias))
            bias[label] -= margin
            layer.bias.assign(bias)


def grow(trunk: Trunk, inputs: Any) -> Any:  # noqa: ANN401 - keras is untyped
    """Build a trunk upon frames: (n, frames, n_mels, 1) to (n, ..., channels).

    Two things are there for int8, where all channels of a tensor share one scale:
    rectifiers end at 6, and the depthwise filters are normalised too, so that no
    channel is so loud that the others vanish. The converter folds both away.
    """
    layers = load_keras().layers
    x = layers.Conv2D(
        trunk.stem,
        trunk.kernel,
        strides=trunk.strides,
        padding="same",
        use_bias=False,
        name=f"{trunk.name}_stem",
    )(inputs)
    x = _rectify(x, f"{trunk.name}_stem")
    for place, stage in enumerate(trunk.stages, start=1):
        x = layers.MaxPooling2D(stage.pool, name=f"{trunk.name}_{place}_pool")(x)
        for number, channels in enumerate(stage.channels, start=1):
            name = f"{trunk.name}_{place}_{number}"
            x = layers.DepthwiseConv2D(
                3, padding="same", use_bias=False, name=f"{name}_depthwise"
            )(x)
            x = layers.BatchNormalization(
                momentum=_NORM_MOMENTUM, center=False, scale=False, name=f"{name}_level"
            )(x)
            x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_pointwise")(x)
            x = _rectify(x, name)
    return x


def _rectify(x: Any, name: str) -> Any:  # noqa: ANN401 - keras is untyped
    layers = load_keras().layers
    x = layers.BatchNormalization(momentum=_NORM_MOMENTUM, name=f"{name}_norm")(x)
    return layers.ReLU(max_value=_CEILING, name=f"{name}_relu")(x)


def _classify(x: Any, name: str, n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Pool over time and frequency, and weigh what is left for each label.

    Mean pooling says how much of a pattern there is, maximum pooling whether there
    is any. Each has its own weights, added at the end: in int8 the two then keep
    their own scales, which one concatenated tensor could not.
    """
    layers = load_keras().layers
    pooled = (
        (layers.GlobalAveragePooling2D(name=f"{name}_mean"), True),
        (layers.GlobalMaxPooling2D(name=f"{name}_peak"), False),
    )
    return layers.Add(name=f"{name}_logits")(
        [
            # Beginning at nought: the sum of the maxima would else take a long time
            # to come down to the size of a logit.
            layers.Dense(
                n_labels,
                use_bias=use_bias,
                kernel_initializer="zeros",
                name=f"{pool.name}_weights",
            )(layers.Dropout(_DROPOUT, name=f"{pool.name}_dropout")(pool(x)))
            for pool, use_bias in pooled
        ]
    )


MODELS: dict[str, Callable[[int, int], Any]] = {"compact": compact}
"""Networks by name: each takes the number of bands and of labels."""
