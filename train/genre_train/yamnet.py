"""What YAMNet makes of a recording: embeddings, to learn representations from.

YAMNet was trained on two million clips of AudioSet and knows sounds that a few hundred
labelled excerpts cannot teach. A small network that learns to predict its embeddings
from log-mel frames, on music without labels, begins its real training with more than
chance.

References
----------
S. Hershey et al., "CNN architectures for large-scale audio classification", ICASSP
2017; M. Plakal and D. Ellis, "YAMNet", 2019.
G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.backend import hushed
from genre_train.samples import read_samples

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hertz, of what YAMNet hears."""

WINDOW = 15_600
"""Samples that one embedding is made from."""

HOP_S = WINDOW / 2 / SAMPLE_RATE
"""Seconds between the beginnings of two embeddings."""

_EMBEDDING = "global_average_pooling2d/Mean"


class Yamnet:
    """The TensorFlow Lite file of YAMNet, asked for embeddings and for scores.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ConfigError
        If the file is missing or is not YAMNet.
    """

    def __init__(self, path: Path) -> None:
        self._interpreter = _open(path)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._scores = self._interpreter.get_output_details()[0]["index"]
        named = [
            tensor["index"]
            for tensor in self._interpreter.get_tensor_details()
            if tensor["name"].endswith(_EMBEDDING)
        ]
        if not named:
            raise ConfigError(f"{path} has no tensor {_EMBEDDING!r}: it is not YAMNet")
        self._embedding = named[0]

    def embed(self, recording: Path) -> NDArray[np.float16]:
        """Return the embeddings of a recording, one every ``HOP_S``.

        Returns
        -------
        ndarray, shape (n, 1024), float16
            At least one: a short recording is followed by silence.

        Raises
        ------
        AudioError
            If the recording cannot be decoded.
        """
        told = [
            self._ask(window, self._embedding)
            for window in _windows(recording, WINDOW // 2)
        ]
        return np.stack(told).astype(np.float16)

    def scores(self, recording: Path) -> NDArray[np.float32]:
        """Return the mean scores of the 521 classes, shape (521,), each in [0, 1].

        Raises
        ------
        AudioError
            If the recording cannot be decoded.
        """
        told = [
            self._ask(window, self._scores) for window in _windows(recording, WINDOW)
        ]
        return np.asarray(np.mean(told, axis=0), np.float32)

    def _ask(self, window: NDArray[np.float32], tensor: int) -> NDArray[np.float32]:
        self._interpreter.set_tensor(self._input, window)
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(tensor).ravel(), np.float32)


def _windows(recording: Path, hop: int) -> list[NDArray[np.float32]]:
    """Cut a recording into windows; a short one is followed by silence."""
    samples = read_samples(recording, SAMPLE_RATE)
    samples = np.pad(samples, (0, max(0, WINDOW - len(samples))))
    starts = range(0, len(samples) - WINDOW + 1, hop)
    return [samples[start : start + WINDOW] for start in starts]


def _open(path: Path) -> Any:  # noqa: ANN401 - the interpreter is untyped
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - slow

    try:
        with hushed():
            interpreter = Interpreter(
                str(path),
                num_threads=1,
                # Embeddings are not an output of this file.
                experimental_preserve_all_tensors=True,
            )
            details = interpreter.get_input_details()[0]
            interpreter.resize_tensor_input(details["index"], [WINDOW])
            interpreter.allocate_tensors()
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(f"cannot open the teacher {path}: {error}") from error
    return interpreter
