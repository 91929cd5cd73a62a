"""Patch to calibrated probabilities through the int8 model."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Self

import numpy as np

from genre_daemon.errors import BundleError
from genre_daemon.inference.interpreter import Interpreter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.inference.bundle import Bundle


def softmax(
    logits: NDArray[np.float32], temperature: float = 1.0
) -> NDArray[np.float32]:
    """Turn logits, shape (..., n_labels), into probabilities that sum to 1."""
    scaled = logits / np.float32(temperature)
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


class Classifier:
    """The model of a bundle.

    Parameters
    ----------
    bundle : Bundle
    threads : int > 0
        Threads of the interpreter.

    Raises
    ------
    BundleError
        If the model's tensors do not fit the bundle's features and labels.
    """

    def __init__(self, bundle: Bundle, *, threads: int = 1) -> None:
        self.info = info = bundle.info
        """What the bundle says of itself."""
        self._interpreter = Interpreter(bundle.flatbuffer, threads=threads)
        self._temperature = info.calibration.temperature
        wanted = (1, info.spec.patch_frames, info.spec.n_mels, 1)
        if self._interpreter.input.shape != wanted:
            raise BundleError(
                f"{bundle.path}: the model takes {self._interpreter.input.shape}, "
                f"its features have the shape {wanted}"
            )
        if self._interpreter.output.shape != (1, len(info.labels)):
            raise BundleError(
                f"{bundle.path}: the model gives {self._interpreter.output.shape}, "
                f"it names {len(info.labels)} labels"
            )
        self.inference_ms = 0.0
        """Milliseconds that the last prediction took."""

    def share(self) -> Self:
        """Return a classifier for another thread, on the same interpreter."""
        return copy.copy(self)

    def logits(self, patch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the model.

        Parameters
        ----------
        patch : ndarray, shape (patch_frames, n_mels), float32, standardised

        Returns
        -------
        ndarray, shape (n_labels,), float32
        """
        tensor_in, tensor_out = self._interpreter.input, self._interpreter.output
        quantised = np.rint(patch / np.float32(tensor_in.scale)) + tensor_in.zero_point
        values = np.clip(quantised, -128, 127).astype(np.int8)
        result = self._interpreter.run(values.reshape(tensor_in.shape))[0]
        levels = result.astype(np.float32) - np.float32(tensor_out.zero_point)
        return np.asarray(levels * np.float32(tensor_out.scale), np.float32)

    def push(self, patch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated probabilities, shape (n_labels,), of a patch."""
        begin = time.perf_counter()
        probabilities = softmax(self.logits(patch), self._temperature)
        self.inference_ms = 1e3 * (time.perf_counter() - begin)
        return probabilities
