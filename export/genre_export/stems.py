"""Fold the first convolutions of an int8 model: the same integers, sooner.

XNNPACK multiplies several input channels at once (four or eight where the processor
has dot products), and a chunk has one: most of what a first convolution does there is
multiplying by padding. Folding 2 frames by as many bands as one step takes into
channels fills the lanes: a 5 x 5 window with strides of 2 becomes a 3 x 3 window over 4
channels, a 6 x 12 window with strides of 2 and 4 one over 8. A convolution that keeps
every band gives the outputs of both bands of a square as channels, which lie in memory
as if it had made them one after the other. Weights are only moved, and zeros put
between them, so that every sum stays the same to the last bit. What it gains is a row
of ``make bench``.

References
----------
W. Shi et al., "Real-time single image and video super-resolution using an efficient
sub-pixel convolutional neural network", CVPR 2016 (the same exchange of space and
channels, the other way).
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FOLD = 2  # frames that become channels, and bands at least


def fold_stems(flatbuffer: bytes) -> bytes:
    """Return an equal model whose first convolutions have more input channels.

    Parameters
    ----------
    flatbuffer : bytes
        With an int8 input of shape (1, frames, bands, 1). A model whose convolutions
        do not begin by halving these frames, or some of them, is returned as it is.
    """
    graph = _Graph(flatbuffer)
    stems = [one for one in graph.operators if graph.is_stem(one)]
    if not stems:
        return flatbuffer
    fold = graph.folding()
    operators = []
    for operator in graph.operators:
        if operator is stems[0]:
            operators.append(fold)
        if operator in stems:
            operators += graph.refit(operator, fold.outputs[0])
        else:
            operators.append(operator)
    graph.operators[:] = operators
    return graph.pack()


def fold_weights(weights: NDArray[np.int8], stride: int) -> NDArray[np.int8]:
    """Lay the weights of a convolution out for folded input.

    Parameters
    ----------
    weights : ndarray, shape (channels, height, width, 1), int8
        Of a convolution with "same" padding that halves the frames.
    stride : int
        Over bands: 1, or an even number.

    Returns
    -------
    ndarray, shape (n_steps * channels, folded height, folded width, 2 * n_bands), int8
        ``n_bands`` are folded: the stride, at least 2, in ``n_steps`` of the stride.
        With odd height and width; for stride 1, first the even and then the odd bands.
        Channels of the input: by pairs of bands, in each by frames, then by bands.
    """
    channels, height, width, _ = weights.shape
    bands = _bands(stride)
    steps = bands // stride
    y = np.arange(height)[:, None] - _before(height, _FOLD)
    all_x = np.arange(width) - _before(width, stride) + np.arange(steps)[:, None]
    reach_y, reach_x = int(np.abs(y // _FOLD).max()), int(np.abs(all_x // bands).max())
    shape = (steps, channels, 2 * reach_y + 1, 2 * reach_x + 1, _FOLD * bands)
    folded = np.zeros(shape, np.int8)
    for step, x in zip(folded, all_x, strict=True):
        pair, band = np.divmod(x % bands, _FOLD)
        channel = (pair * _FOLD + y % _FOLD) * _FOLD + band
        step[:, y // _FOLD + reach_y, x // bands + reach_x, channel] = weights[..., 0]
    return folded.reshape(steps * channels, *shape[2:])


def _bands(stride: int) -> int:
    """Return how many bands are folded for a convolution."""
    return max(stride, _FOLD)


def _before(size: int, stride: int) -> int:
    """Return what "same" padding puts before an axis of even length."""
    return max(0, size - stride) // 2


class _Graph:
    """A flatbuffer as objects, and the few changes that folding takes."""

    def __init__(self, flatbuffer: bytes) -> None:
        self._model: Any = flatbuffer_utils.convert_bytearray_to_object(
            bytearray(flatbuffer)
        )
        graph = self._model.subgraphs[0]
        self.operators: list[Any] = graph.operators
        self._tensors: list[Any] = graph.tensors
        self._patch = self._read_first()

    def pack(self) -> bytes:
        """Return it as a flatbuffer again."""
        return bytes(flatbuffer_utils.convert_object_to_bytearray(self._model))

    def _read_first(self) -> int:
        """Return the tensor that the first convolution reads, or -1."""
        convolutions = filter(self._convolves, self.operators)
        return next((int(one.inputs[0]) for one in convolutions), -1)

    def _convolves(self, operator: Any) -> bool:  # noqa: ANN401 - generated, untyped
        code = self._model.operatorCodes[operator.opcodeIndex].builtinCode
        return bool(code == schema.BuiltinOperator.CONV_2D)

    def is_stem(self, operator: Any) -> bool:  # noqa: ANN401 - generated, untyped
        """Tell a convolution of the patch that halves the frames."""
        if not self._convolves(operator) or operator.inputs[0] != self._patch:
            return False
        options = operator.builtinOptions
        _, frames, bands, channels = self._tensors[self._patch].shape
        return bool(
            channels == 1
            and frames % _FOLD == bands % _bands(options.strideW) == 0
            and options.padding == schema.Padding.SAME
            and options.dilationHFactor == options.dilationWFactor == 1
            and options.strideH == _FOLD
            and (options.strideW == 1 or options.strideW % _FOLD == 0)
            and self._tensors[operator.inputs[1]].type == schema.TensorType.INT8
        )

    def folding(self) -> Any:  # noqa: ANN401 - generated, untyped
        """Return the operator that folds the patch into a new tensor."""
        _, frames, bands, _ = self._tensors[self._patch].shape
        shape = (1, frames // _FOLD, bands // _FOLD, _FOLD * _FOLD)
        options = schema.SpaceToDepthOptionsT()
        options.blockSize = _FOLD
        folded = self._tensor(self._patch, shape)
        return self._operator("SPACE_TO_DEPTH", [self._patch], folded, options)

    def refit(self, stem: Any, folded: int) -> list[Any]:  # noqa: ANN401
        """Have a convolution read folded values; return it and what goes with it."""
        _, kernel, bias = stem.inputs
        weights = self._values(kernel, np.int8)
        options = stem.builtinOptions
        moved = fold_weights(weights, options.strideW)
        _, frames, squares, _ = self._tensors[folded].shape
        steps = len(moved) // len(weights)
        biases = np.tile(self._values(bias, np.int32), steps)
        constants = map(self._constant, (kernel, bias), (moved, biases))
        places = squares * _FOLD // _bands(options.strideW)
        options.strideH = options.strideW = 1
        found = [stem]
        if places < squares:
            read = self._tensor(folded, (1, frames, places, moved.shape[-1]))
            found.insert(0, self._reshaping(folded, read))
            folded = read
        stem.inputs = [folded, *constants]
        if steps > 1:
            output = stem.outputs[0]
            made = self._tensor(output, (1, frames, places, len(moved)))
            stem.outputs = [made]
            found.append(self._reshaping(made, output))
        return found

    def _reshaping(self, source: int, target: int) -> Any:  # noqa: ANN401
        """Return the operator that gives a tensor's values another's shape."""
        options = schema.ReshapeOptionsT()
        options.newShape = self._tensors[target].shape
        return self._operator("RESHAPE", [source], target, options)

    def _values(self, tensor: int, dtype: type[np.generic]) -> NDArray[Any]:
        one = self._tensors[tensor]
        data = bytes(self._model.buffers[one.buffer].data)
        return np.frombuffer(data, dtype).reshape(one.shape)

    def _constant(self, like: int, values: NDArray[Any]) -> int:
        """Add a tensor with values; scales a channel are repeated to as many."""
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        added = self._tensor(like, values.shape)
        one = self._tensors[added]
        one.buffer = len(self._model.buffers) - 1
        repeats = len(values) // self._tensors[like].shape[0]
        quantisation = one.quantization
        quantisation.scale = np.tile(quantisation.scale, repeats)
        quantisation.zeroPoint = np.tile(quantisation.zeroPoint, repeats)
        return added

    def _tensor(self, like: int, shape: tuple[int, ...]) -> int:
        """Add a tensor that differs from another in its shape."""
        added = copy.deepcopy(self._tensors[like])
        added.name = added.name + b" folded"
        added.shape, added.shapeSignature = np.array(shape, np.int32), None
        added.buffer = 0  # the empty one, by convention
        self._tensors.append(added)
        return len(self._tensors) - 1

    def _operator(
        self, name: str, inputs: list[int], output: int, options: object
    ) -> Any:  # noqa: ANN401 - generated, untyped
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode = code.builtinCode  # for readers before 2020
        code.version = 1
        self._model.operatorCodes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self._model.operatorCodes) - 1
        operator.inputs, operator.outputs = inputs, [output]
        kind = type(options).__name__.removesuffix("T")
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
        operator.builtinOptions = options
        return operator
