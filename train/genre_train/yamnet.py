"""What YAMNet makes of a recording: embeddings, and scores of genres.

YAMNet was trained on two million clips of AudioSet and knows sounds that a few hundred
labelled excerpts cannot teach.

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
from genre_train.tagger import Told

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.noises import Samples

SAMPLE_RATE = 16_000
"""Hertz, of what YAMNet hears."""

WINDOW = 15_600
"""Samples that YAMNet hears at once."""

TAGS = (
    *("Pop music", "Hip hop music", "Beatboxing", "Rock music", "Heavy metal"),
    *("Punk rock", "Grunge", "Progressive rock", "Rock and roll", "Psychedelic rock"),
    *("Rhythm and blues", "Soul music", "Reggae", "Country", "Swing music"),
    *("Bluegrass", "Funk", "Folk music", "Middle Eastern music", "Jazz", "Disco"),
    *("Classical music", "Opera", "Electronic music", "House music", "Techno"),
    *("Dubstep", "Drum and bass", "Electronica", "Electronic dance music"),
    *("Ambient music", "Trance music", "Music of Latin America", "Salsa music"),
    *("Flamenco", "Blues", "Music for children", "New-age music", "Vocal music"),
    *("A capella", "Music of Africa", "Afrobeat", "Christian music", "Gospel music"),
    *("Music of Asia", "Carnatic music", "Music of Bollywood", "Ska"),
    *("Traditional music", "Independent music"),
)
"""Genres among its 521 classes, which lie side by side."""

_FIRST_TAG = 211
_STEP = WINDOW // 2
_EMBEDDING = "global_average_pooling2d/Mean"


class Yamnet:
    """The TensorFlow Lite file of YAMNet.

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
        self._scores = self._interpreter.get_output_details()[0]["index"]

    def hear(self, samples: Samples, window_s: float, hop_s: float) -> Told:
        """Hear windows of a sound, one every ``hop_s``.

        Parameters
        ----------
        samples : ndarray, shape (n,), float32 in [-1, 1]
            At ``SAMPLE_RATE``.
        window_s : float > 0
            Seconds of each: of what YAMNet says of its own windows, which are of about
            a second and overlap by half, the mean is taken.

        Returns
        -------
        Told
            Embeddings of 1024 values, and scores of ``TAGS``; at least one of each: a
            sound shorter than YAMNet's window is followed by silence.
        """
        padded = np.pad(samples, (0, max(0, WINDOW - len(samples))))
        starts = range(0, len(padded) - WINDOW + 1, _STEP)
        own = [self._ask(padded[start : start + WINDOW]) for start in starts]
        step_s = _STEP / SAMPLE_RATE
        last_s = (len(own) - 1) * step_s
        count = 1 + max(0, int((len(samples) / SAMPLE_RATE - window_s) / hop_s))
        within = max(1, 1 + round((window_s - WINDOW / SAMPLE_RATE) / step_s))
        firsts = [
            round(min(number * hop_s, last_s) / step_s) for number in range(count)
        ]
        embeddings, scores = (
            np.stack([part[first : first + within].mean(axis=0) for first in firsts])
            for part in map(np.stack, zip(*own, strict=True))
        )
        return Told(embeddings.astype(np.float16), scores.astype(np.float16))

    def _ask(self, window: Samples) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        self._interpreter.set_tensor(self._input, window)
        self._interpreter.invoke()
        embedding, scores = (
            np.array(self._interpreter.get_tensor(place).ravel(), np.float32)
            for place in (self._embedding, self._scores)
        )
        return embedding, scores[_FIRST_TAG : _FIRST_TAG + len(TAGS)]


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
