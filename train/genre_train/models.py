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
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_train.backend import load_keras

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DROPOUT = 0.2
_NORM_MOMENTUM = 0.97  # follows within a short training, too
_CEILING = 6.0  # of the rectifiers

_KERNEL, _STRIDES = (6, 12), (2, 4)
"""Of the first layer, over frames and bands: no two steps share a value, so that in
int8 they are channels of one (:mod:`genre_export.stems`)."""


@dataclass(frozen=True)
class Stage:
    """Separable blocks at one resolution."""

    channels: tuple[int, ...]
    """Of each block."""
    pool: tuple[int, int] = (2, 2)
    """Frames and bands that become one before the first block."""


@dataclass(frozen=True)
class Design:
    """In what networks of this kind differ. By default, the one that is shipped."""

    stem: int = 48
    """Channels of the first layer."""
    stages: tuple[Stage, ...] = (
        Stage((64,), (2, 1)),
        Stage((112, 144)),
        Stage((224, 320)),
    )
    peak: bool = True
    """Whether the maxima of each pattern count, too, and not only its mean."""
    every_level: bool = True
    """Whether the classifier reads the patterns of all layers, and not only the last:
    the early ones know timbre, the late ones what is played."""


SHIPPED = Design()
SLIM_STEM = Design(32, (Stage((48,), (2, 1)), *SHIPPED.stages[1:]))

DESIGNS = {
    "compact": SHIPPED,
    "slim-stem": SLIM_STEM,
    "narrow": Design(32, (Stage((48,), (2, 1)), Stage((80, 96)), Stage((144, 192)))),
    "wide": Design(64, (Stage((96,), (2, 1)), Stage((144, 192)), Stage((320, 448)))),
    "shallow": Design(stages=(*SHIPPED.stages[:1], Stage((144,)), Stage((320,)))),
    "no-peak": Design(peak=False),
    "one-level": Design(every_level=False),
}
"""By name: the shipped one, and what it is compared with."""


def build(n_mels: int, n_labels: int, design: Design = SHIPPED) -> Any:  # noqa: ANN401 - keras is untyped
    """Build a network, untrained.

    Returns
    -------
    keras.Model
    """
    keras = load_keras()
    chunks = keras.Input((None, n_mels, 1), name="chunk")
    patterns = keras.Model(chunks, trunk(chunks, design))
    heard = levels(patterns, every=design.every_level)
    logits = _classify(heard, n_labels, peak=design.peak)
    return keras.Model(chunks, logits, name="compact")


def upon(patterns: Any, n_labels: int, *, every_level: bool) -> Any:  # noqa: ANN401 - keras is untyped
    """Build a network upon the copy of a trunk, whose weights it begins with.

    Parameters
    ----------
    patterns : keras.Model
        Of any design.
    every_level : bool
        Whether all of its levels are read, or only the last.

    Returns
    -------
    keras.Model
        As :func:`build` returns it.
    """
    keras = load_keras()
    copy = keras.models.clone_model(patterns)
    copy.set_weights(patterns.get_weights())
    logits = _classify(levels(copy, every=every_level), n_labels, peak=True)
    return keras.Model(copy.input, logits, name="compact")


def discount(model: Any, label: int, margin: float) -> None:  # noqa: ANN401 - keras is untyped
    """Lower the logit of a label by a margin.

    The label is then named only where it is ``exp(margin)`` times as likely as the
    next one: a threshold moved to where one error costs more than the other.

    References
    ----------
    C. Elkan, "The foundations of cost-sensitive learning", IJCAI 2001.
    """
    keras = load_keras()
    bias = model.layers[-1].bias
    lowered = np.array(keras.ops.convert_to_numpy(bias))
    lowered[label] -= margin
    bias.assign(lowered)


def trunk(chunks: Any, design: Design = SHIPPED) -> Any:  # noqa: ANN401 - keras is untyped
    """Turn chunks into patterns: (n, frames, n_mels, 1) to (n, ..., channels).

    Two things are there for int8, where all channels of a tensor share one scale:
    rectifiers end at 6, and the depthwise filters are normalised too, so that no
    channel is so loud that the others vanish. The converter folds both away.
    """
    layers = load_keras().layers
    x = layers.Conv2D(
        design.stem,
        _KERNEL,
        strides=_STRIDES,
        padding="same",
        use_bias=False,
        name="stem",
    )(chunks)
    x = _rectify(x, "stem")
    for place, stage in enumerate(design.stages, start=1):
        x = layers.MaxPooling2D(stage.pool, name=f"pool_{place}")(x)
        for number, channels in enumerate(stage.channels, start=1):
            name = f"block_{place}_{number}"
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


def levels(patterns: Any, *, every: bool) -> list[Any]:  # noqa: ANN401 - keras is untyped
    """Return what the first layer of a trunk gives, and each of its blocks.

    Parameters
    ----------
    patterns : keras.Model
        As :func:`trunk` makes it.
    every : bool
        Otherwise only the last.

    References
    ----------
    J. Lee and J. Nam, "Multi-level and multi-scale feature aggregation using
    pretrained convolutional neural networks for music auto-tagging", IEEE Signal
    Processing Letters 24(8), 2017.
    """
    given = [one.output for one in patterns.layers if one.name.endswith("_relu")]
    return given if every else given[-1:]


def pooled_names(n_levels: int, *, peak: bool = True) -> list[str]:
    """Name what is pooled of so many levels, in the order of :func:`pool`."""
    kinds = ("mean", "peak") if peak else ("mean",)
    return [f"{kind}_{level}" for kind in kinds for level in range(1, n_levels + 1)]


def pool(heard: Sequence[Any], *, peak: bool = True) -> list[Any]:
    """Tell what there is of each pattern in a chunk: each (n, 1, 1, channels).

    First the mean on each level, which says how much of it there is. Then the maximum
    over the bands on each, of which the mean over time is taken: how clearly it is
    there, wherever it is.
    """
    layers = load_keras().layers
    highest = [
        layers.MaxPooling2D((1, patterns.shape[2]), name=f"highest_{level}")(patterns)
        for level, patterns in enumerate(heard if peak else [], start=1)
    ]
    names = pooled_names(len(heard), peak=peak)
    return [
        layers.GlobalAveragePooling2D(keepdims=True, name=name)(patterns)
        for name, patterns in zip(names, [*heard, *highest], strict=True)
    ]


def _classify(heard: Sequence[Any], n_labels: int, *, peak: bool) -> Any:  # noqa: ANN401 - keras is untyped
    """Pool over time and frequency, and weigh what is left for each label.

    What is pooled of one level is scaled and shifted before it comes beside the rest:
    in int8 all of it shares one scale, and would else be as coarse as the loudest.
    """
    layers = load_keras().layers
    names = pooled_names(len(heard), peak=peak)
    scaled = [
        layers.DepthwiseConv2D(
            1, depthwise_initializer="ones", name=f"{name}_depthwise"
        )(values)
        for name, values in zip(names, pool(heard, peak=peak), strict=True)
    ]
    together = layers.Concatenate(name="pooled")(scaled) if scaled[1:] else scaled[0]
    values = layers.Dropout(_DROPOUT, name="dropout")(
        layers.Flatten(name="features")(together)
    )
    # Beginning at nought: the sum of the maxima would else take a long time to come
    # down to the size of a logit.
    return layers.Dense(n_labels, kernel_initializer="zeros", name="logits")(values)


MODELS: dict[str, Callable[[int, int], Any]] = {
    name: partial(build, design=design) for name, design in DESIGNS.items()
}
"""Networks by name: each takes the number of bands and of labels."""
