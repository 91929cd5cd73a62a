"""What a network costs to run, counted rather than measured."""

from __future__ import annotations

import math
from typing import Any

from genre_train.backend import load_keras


def multiply_adds(model: Any, patch: tuple[int, int]) -> int:  # noqa: ANN401 - keras is untyped
    """Count the multiplications of one patch: outputs times the size of a kernel.

    Those of convolutions and dense layers; all else is small beside them, and norms
    are folded into the layer before.

    Parameters
    ----------
    model : keras.Model
        Its input has the shape (n, n_frames, n_mels, 1).
    patch : tuple of int
        Frames and bands.
    """
    keras = load_keras()
    kinds = keras.layers.Dense, keras.layers.Conv2D, keras.layers.DepthwiseConv2D
    layers = [layer for layer in model.layers if isinstance(layer, kinds)]
    probe = keras.Model(model.input, [layer.output for layer in layers])
    shapes = probe.compute_output_shape((1, *patch, 1))
    return sum(
        math.prod(shape) * _per_output(layer, keras)
        for layer, shape in zip(layers, shapes, strict=True)
    )


def _per_output(layer: Any, keras: Any) -> int:  # noqa: ANN401 - keras is untyped
    """Return the weights that one number of the output is made from."""
    kernel = tuple(layer.kernel.shape)  # depthwise: (height, width, channels, each)
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    return math.prod(kernel[:2] if depthwise else kernel[:-1])
