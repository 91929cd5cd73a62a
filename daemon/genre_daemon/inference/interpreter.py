"""One face for the two TensorFlow Lite runtimes.

LiteRT (``ai-edge-litert``) is used where it is installed, ``tflite-runtime``
elsewhere; the rest of the program does not know which.
"""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import BundleError
from genre_daemon.quiet import hush_libraries

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RUNTIMES = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter")


def load_runtime(modules: tuple[str, ...] = _RUNTIMES) -> Any:  # noqa: ANN401 - untyped
    """Import the first runtime that is installed.

    Raises
    ------
    BundleError
        If none is.
    """
    for module in modules:
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            # A runtime that is there but broken must not be passed over in silence.
            if error.name is None or not module.startswith(error.name):
                raise
    raise BundleError(
        "no TensorFlow Lite runtime is installed: pip install ai-edge-litert"
    )


class Interpreter:
    """A model with one int8 input and one int8 output.

    Parameters
    ----------
    flatbuffer : bytes
    threads : int > 0
        One is fastest for a model this small.

    Raises
    ------
    BundleError
        If the runtime refuses the model, or its tensors are not one int8 in, one
        int8 out.
    """

    def __init__(self, flatbuffer: bytes, *, threads: int = 1) -> None:
        runtime = load_runtime()
        hush_libraries()  # it would announce its CPU kernels on every start
        try:
            self._interpreter = runtime.Interpreter(
                model_content=flatbuffer, num_threads=threads
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise BundleError(f"the runtime refuses the model: {error}") from error
        self.input = _Tensor("input", self._interpreter.get_input_details())
        self.output = _Tensor("output", self._interpreter.get_output_details())
        self._turn = threading.Lock()

    def run(self, values: NDArray[np.int8]) -> NDArray[np.int8]:
        """Feed the input tensor and return the output tensor, shapes as declared.

        Threads that share it take turns, which at a millisecond each costs less than
        an interpreter of its own for every source.
        """
        with self._turn:
            self._interpreter.set_tensor(self.input.index, values)
            self._interpreter.invoke()
            result: NDArray[np.int8] = self._interpreter.get_tensor(self.output.index)
        return result


class _Tensor:
    """Shape and affine quantisation of a tensor: ``real = scale * (q - zero)``."""

    def __init__(self, role: str, details: list[dict[str, Any]]) -> None:
        if len(details) != 1:
            raise BundleError(f"the model has {len(details)} {role}s, one is needed")
        dtype = details[0]["dtype"].__name__
        scale, zero = details[0]["quantization"]
        if dtype != "int8" or not scale > 0:
            raise BundleError(
                f"the model's {role} is {dtype}, quantised int8 is needed"
            )
        self.index: int = details[0]["index"]
        self.shape: tuple[int, ...] = tuple(int(n) for n in details[0]["shape"])
        self.scale = float(scale)
        self.zero_point = int(zero)
