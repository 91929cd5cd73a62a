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

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.noises import Samples

SAMPLE_RATE = 16_000
"""Hertz, of what YAMNet hears."""

WINDOW = 15_600
"""Samples that YAMNet hears at once."""

_STEP = WINDOW // 2
_EMBEDDING = "global_average_pooling2d/Mean"


class Yamnet:
    """The TensorFlow Lite file of YAMNet, asked for embeddings.

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
        named = [
            tensor["index"]
            for tensor in self._interpreter.get_tensor_details()
            if tensor["name"].endswith(_EMBEDDING)
        ]
        if not named:
            raise ConfigError(f"{path} has no tensor {_EMBEDDING!r}: it is not YAMNet")
        self._embedding = named[0]

    def embed(
        self, samples: Samples, window_s: float, hop_s: float
    ) -> NDArray[np.float16]:
        """Return the embeddings of a sound, one every ``hop_s``.

        Parameters
        ----------
        samples : ndarray, shape (n,), float32 in [-1, 1]
            At ``SAMPLE_RATE``.
        window_s : float > 0
            Seconds that each is made of: the mean of YAMNet's own, which are of about
            a second each and overlap by half.

        Returns
        -------
        ndarray, shape (m, 1024), float16
            At least one: a sound shorter than YAMNet's window is followed by silence.
        """
        padded = np.pad(samples, (0, max(0, WINDOW - len(samples))))
        starts = range(0, len(padded) - WINDOW + 1, _STEP)
        own = np.stack([self._ask(padded[start : start + WINDOW]) for start in starts])
        step_s = _STEP / SAMPLE_RATE
        last_s = (len(own) - 1) * step_s
        count = 1 + max(0, int((len(samples) / SAMPLE_RATE - window_s) / hop_s))
        within = max(1, 1 + round((window_s - WINDOW / SAMPLE_RATE) / step_s))
        firsts = [
            round(min(number * hop_s, last_s) / step_s) for number in range(count)
        ]
        means = [own[first : first + within].mean(axis=0) for first in firsts]
        return np.stack(means).astype(np.float16)

    def _ask(self, window: Samples) -> NDArray[np.float32]:
        self._interpreter.set_tensor(self._input, window)
        self._interpreter.invoke()
        told = self._interpreter.get_tensor(self._embedding)
        return np.array(told.ravel(), np.float32)


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
