"""Patch to calibrated probabilities through the int8 model."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import BundleError
from genre_daemon.features.patches import chunk_of, chunks_of
from genre_daemon.inference.interpreter import Interpreter
from genre_daemon.probabilities import mean_logits, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.features.patches import Patch
    from genre_daemon.inference.bundle import Bundle


class Classifier:
    """The model of a bundle; it remembers nothing, so that many may share it.

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
        wanted = (1, info.spec.chunk_frames, info.spec.n_mels, 1)
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

    def hear(self, chunk: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the model.

        Parameters
        ----------
        chunk : ndarray, shape (chunk_frames, n_mels), float32, standardised

        Returns
        -------
        ndarray, shape (n_labels,), float32
            Logits.
        """
        tensor_in, tensor_out = self._interpreter.input, self._interpreter.output
        quantised = np.rint(chunk / np.float32(tensor_in.scale)) + tensor_in.zero_point
        values = np.clip(quantised, -128, 127).astype(np.int8)
        result = self._interpreter.run(values.reshape(tensor_in.shape))[0]
        levels = result.astype(np.float32) - np.float32(tensor_out.zero_point)
        return np.asarray(levels * np.float32(tensor_out.scale), np.float32)

    def logits(self, patch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mean logits of the chunks of a patch, shape (n_labels,).

        Parameters
        ----------
        patch : ndarray, shape (patch_frames, n_mels), float32
            Decibels, or standardised ones: each chunk is standardised by itself.
        """
        return mean_logits([self.hear(one) for one in chunks_of(patch, self.info.spec)])

    def temper(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scale logits so that a plain softmax of them is calibrated."""
        return logits / np.float32(self._temperature)

    def calibrate(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn the logits of a patch into probabilities of being right."""
        return softmax(logits, self._temperature)

    def push(self, patch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated probabilities, shape (n_labels,), of a single patch."""
        return self.calibrate(self.logits(patch))


class StreamClassifier:
    """A classifier for the patches of one stream, which hears each chunk only once.

    Parameters
    ----------
    classifier : Classifier
        May serve other streams, too.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._spec = classifier.info.spec
        self._heard: dict[int, NDArray[np.float32]] = {}
        self.inference_ms = 0.0
        """Milliseconds that the last prediction took."""
        self.chunks: NDArray[np.float32] | None = None
        """What was said of each chunk of the last patch: see ``Prediction``."""

    def push(self, patch: Patch) -> NDArray[np.float32]:
        """Return calibrated probabilities, shape (n_labels,), of a patch.

        Whatever was pushed before, they are those of the patch by itself; chunks of
        patches that were passed over are made up for.
        """
        begin = time.perf_counter()
        start = patch.stop - self._spec.patch_frames
        kept, self._heard = self._heard, {}
        stops = self._spec.chunk_stops(patch.number)
        for stop in stops:
            logits = kept.get(start + stop)
            if logits is None:
                chunk = chunk_of(patch.frames, self._spec, stop)
                logits = self._classifier.hear(chunk)
            self._heard[start + stop] = logits
        chunks = np.stack([self._heard[start + stop] for stop in stops])
        probabilities = self._classifier.calibrate(mean_logits(chunks))
        self.chunks = self._classifier.temper(chunks)
        self.inference_ms = 1e3 * (time.perf_counter() - begin)
        return probabilities

    def reset(self) -> None:
        """Forget the chunks: the next patch begins another stream."""
        self._heard = {}
