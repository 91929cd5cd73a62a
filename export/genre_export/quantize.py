"""Keras network to a fully integer TensorFlow Lite flatbuffer.

Weights are int8 with a scale a channel, activations int8 with a scale a tensor,
input and output int8. No operator may fall back to float: on a small processor that
costs more than it gains, and it would hide a layer that does not quantise.

References
----------
B. Jacob et al., "Quantization and training of neural networks for efficient
integer-arithmetic-only inference", CVPR 2018.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import GenreListenError
from genre_daemon.inference.interpreter import load_runtime
from genre_export.stems import fold_stems
from genre_train.backend import hushed, load_keras

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

_INTEGERS = frozenset({"int8", "int32", "int64"})  # int64: biases of 16-bit models


class QuantizationError(GenreListenError):
    """A network that cannot be turned into integers altogether."""


def quantize(
    model: Any,  # noqa: ANN401 - keras is untyped
    spec: FeatureSpec,
    chunks: NDArray[np.float32],
    *,
    fold: bool = True,
) -> bytes:
    """Convert a network for chunks of the spec's length.

    Parameters
    ----------
    model : keras.Model
        Takes (n, any frames, n_mels, 1), gives (n, n_labels) logits.
    chunks : ndarray, shape (n, chunk_frames, n_mels), float32
        Representative ones, from which the ranges are measured.
    fold : bool
        False leaves out ``fold_stems``, to compare what it gains.

    Returns
    -------
    bytes
        A flatbuffer with input (1, chunk_frames, n_mels, 1) and output (1, n_labels).

    Raises
    ------
    QuantizationError
        If the converter refuses, or leaves a float in the graph.
    """
    shape = _shape(spec)

    def samples() -> Iterator[list[NDArray[np.float32]]]:
        for chunk in chunks:
            yield [chunk.reshape(shape)]

    def to_integers(tf: Any, converter: Any) -> None:  # noqa: ANN401 - tensorflow is untyped
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8

    flatbuffer = _convert(model, shape, to_integers)
    refuse_floats(flatbuffer)
    return fold_stems(flatbuffer) if fold else flatbuffer


def keep_floats(model: Any, spec: FeatureSpec) -> bytes:  # noqa: ANN401 - keras is untyped
    """Convert a network as it is, to compare what int8 gains; not for a bundle.

    Raises
    ------
    QuantizationError
        If the converter refuses.
    """
    return _convert(model, _shape(spec), lambda _tf, _converter: None)


def _shape(spec: FeatureSpec) -> tuple[int, int, int, int]:
    return 1, spec.chunk_frames, spec.n_mels, 1


def _convert(
    model: Any,  # noqa: ANN401 - keras is untyped
    shape: tuple[int, int, int, int],
    prepare: Callable[[Any, Any], None],
) -> bytes:
    """Fix the shape of the input and convert, after ``prepare(tf, converter)``."""
    keras = load_keras()
    import tensorflow as tf  # noqa: PLC0415

    patch = keras.Input(batch_shape=shape)
    fixed = keras.Model(patch, model(patch, training=False))
    try:
        with tempfile.TemporaryDirectory() as folder, hushed():
            fixed.export(folder, verbose=False)
            converter = tf.lite.TFLiteConverter.from_saved_model(folder)
            prepare(tf, converter)
            flatbuffer: bytes = converter.convert()
    except (ValueError, RuntimeError) as error:
        raise QuantizationError(
            f"the network cannot be converted to TensorFlow Lite: {error}"
        ) from error
    return flatbuffer


def refuse_floats(flatbuffer: bytes) -> None:
    """Check that every tensor of a model is of integers.

    Raises
    ------
    QuantizationError
        If one is not; the sentence names it.
    """
    interpreter = load_runtime().Interpreter(model_content=flatbuffer)
    for tensor in interpreter.get_tensor_details():
        dtype = np.dtype(tensor["dtype"]).name
        if dtype not in _INTEGERS:
            raise QuantizationError(
                f"the tensor {tensor['name']!r} is {dtype} in the converted network: "
                "use layers that have int8 kernels"
            )
