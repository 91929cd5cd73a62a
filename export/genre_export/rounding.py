"""Where an int8 network rounds, and the same network with its rounding simulated.

Ranges leave out the rarest values: one of them would make the steps of all the others
coarser, and as the largest number that int8 has it does as well. The converter takes
ranges that are in the network as they are, and measures none of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_export.readers import kind, readers
from genre_train.backend import load_keras

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCH = 16
_RARE = 3e-5  # share of values that may lie beyond either end
_PASS_ON = (  # outputs that keep the scale of their input
    "MaxPooling2D",
    "GlobalMaxPooling2D",
    "Dropout",
    "Flatten",
    "Reshape",
)
_FUSED_INTO = ("BatchNormalization", "ReLU", "Activation")

Ranges = dict[str, tuple[float, float]]
"""Lowest and highest value of each layer whose output is rounded, by its name."""


def measure_ranges(model: Any, chunks: NDArray[np.float32]) -> Ranges:  # noqa: ANN401 - keras is untyped
    """Measure what each layer gives that will be rounded; the input is one of them.

    Parameters
    ----------
    chunks : ndarray, shape (n, n_frames, n_mels), float32
        Representative ones.
    """
    keras = load_keras()
    names = [
        name for name, read in readers(model).items() if _rounds(model, name, read)
    ]
    probe = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    outputs = probe.predict(chunks[..., None], batch_size=_BATCH, verbose=0)
    return {name: _range(values) for name, values in zip(names, outputs, strict=True)}


def with_rounding(model: Any, ranges: Ranges) -> Any:  # noqa: ANN401 - keras is untyped
    """Return the same layers in a network that rounds their outputs."""
    keras = load_keras()

    def call(layer: Any, *inputs: Any, **options: Any) -> Any:  # noqa: ANN401
        return rounded(layer.name, layer(*inputs, **options))

    def rounded(name: str, output: Any) -> Any:  # noqa: ANN401
        if name not in ranges:
            return output
        low, high = ranges[name]
        return keras.layers.Lambda(
            lambda tensor: keras.quantizers.fake_quant_with_min_max_vars(
                tensor, low, high, num_bits=8
            )
        )(output)

    same = keras.models.clone_model(
        model, clone_function=lambda layer: layer, call_function=call
    )
    chunk = keras.Input(model.input_shape[1:])  # of inputs, a clone rounds none
    return keras.Model(chunk, same(rounded(model.layers[0].name, chunk)))


def _rounds(model: Any, name: str, read_by: list[Any]) -> bool:  # noqa: ANN401
    if kind(model.get_layer(name)) in _PASS_ON:
        return False
    return not (len(read_by) == 1 and kind(read_by[0]) in _FUSED_INTO)


def _range(values: NDArray[np.float32]) -> tuple[float, float]:
    low, high = np.quantile(values, (_RARE, 1.0 - _RARE))
    return min(0.0, float(low)), max(0.0, float(high))  # nought must be among them
