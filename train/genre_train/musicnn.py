"""musicnn, a network that has heard the Million Song Dataset, as a teacher.

Its weights come with the package of that name (ISC licence); the package itself, which
asks for TensorFlow 1 and NumPy 1.16, is never imported. The network is written down
here once more, in NumPy, so that a recording's feature map is computed once and pooled
over as many windows as are wanted: with the package's own code that takes three times
as long, and each window anew.

References
----------
J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for music
audio tagging", ISMIR late-breaking demo, 2019.
J. Pons et al., "End-to-end learning for music audio tagging at scale", ISMIR 2018.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from genre_daemon.errors import ConfigError
from genre_train.backend import hushed
from genre_train.tagger import Told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from genre_train.noises import Samples

    Array = NDArray[np.float32]

SAMPLE_RATE = 16_000
"""Hertz, of what it hears."""

N_VALUES = 1506
"""Of an embedding: mean and maximum over a window, of 753 channels each."""

N_CHANNELS = N_VALUES // 2
"""Of its feature map."""

N_FRONT = 561
"""Of these, how many are of its first layer; they come first."""

TAGS = (
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists"),
    *("dance", "00s", "alternative rock", "jazz", "beautiful", "metal", "chillout"),
    *("male vocalists", "classic rock", "soul", "indie rock", "Mellow"),
    *("electronica", "80s", "folk", "90s", "chill", "instrumental", "punk"),
    *("oldies", "blues", "hard rock", "ambient", "acoustic", "experimental"),
    *("female vocalist", "guitar", "Hip-Hop", "70s", "party", "country"),
    *("easy listening", "sexy", "catchy", "funk", "electro", "heavy metal"),
    *("Progressive rock", "60s", "rnb", "indie pop", "sad", "House", "happy"),
)
"""What it was trained to tell: tags of listeners, in its own order."""

_N_FFT, _HOP, _N_MELS = 512, 256, 96
FRAMES_S = SAMPLE_RATE / _HOP
"""Frames of the feature map in a second; the first is centred on the first sample."""
_TIMBRAL, _TEMPORAL, _DENSE = (0, 1), (2, 3, 4), (5, 6, 7)  # places of convolutions
_POOLED_NORM, _HIDDEN_NORM = 9, 10
_EPSILON = 1e-3
_BLOCK = 128  # frames at a time: their windows fit in the cache
_MODEL = "MSD_musicnn"


class Musicnn:
    """The network.

    Parameters
    ----------
    folder : Path, optional
        With the checkpoint; by default that of the installed package.

    Raises
    ------
    ConfigError
        If the package is not installed, or there is another checkpoint in the folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._weights = _read(folder or _installed())

    def hear(self, samples: Samples, window_s: float, hop_s: float) -> Told:
        """Hear windows of a sound, one every ``hop_s``.

        Parameters
        ----------
        samples : ndarray, shape (n,), float32 in [-1, 1]
            At ``SAMPLE_RATE``.
        window_s : float > 0
            Seconds of each. It was trained on three.

        Returns
        -------
        Told
            Embeddings of ``N_VALUES``, and scores of ``TAGS``; at least one of each: of
            a sound shorter than a window, of all of it.
        """
        channels = self.feature_map(samples)
        length = round(window_s * FRAMES_S)
        count = 1 + max(0, int((len(channels) - length) / (hop_s * FRAMES_S)))
        starts = (round(number * hop_s * FRAMES_S) for number in range(count))
        windows = [channels[start : start + length] for start in starts]
        # Side by side, as in the checkpoint: maximum and mean of the first channel, ...
        pooled = [np.stack([w.max(axis=0), w.mean(axis=0)], axis=1) for w in windows]
        flat = np.stack(pooled).reshape(count, N_VALUES)
        embeddings = self._normed(flat, _POOLED_NORM)
        scores = self._scores(embeddings)
        return Told(embeddings.astype(np.float16), scores.astype(np.float16))

    def feature_map(self, samples: Samples) -> Array:
        """Return all that it hears, frame by frame, shape (n_frames, 753).

        Parameters
        ----------
        samples : ndarray, shape (n,), float32 in [-1, 1]
            At ``SAMPLE_RATE``.
        """
        return self._channels(_mel(samples))

    def _channels(self, mel: Array) -> Array:
        """Return the feature map, shape (n_frames, 753), of (n_frames, 96)."""
        heard = self._normed(mel, 0)
        front = [self._front(heard, place) for place in (*_TIMBRAL, *_TEMPORAL)]
        layers = [np.concatenate(front, axis=1)]
        for place in _DENSE:
            fresh = self._dense(layers[-1], place)
            layers.append(fresh + layers[-1] if len(layers) > 1 else fresh)
        return np.concatenate(layers, axis=1)

    def _front(self, heard: Array, place: int) -> Array:
        """Convolve over time and bands, and keep the strongest band of each filter."""
        kernel, bias = self._filters(place)
        frames, bands, _, filters = kernel.shape
        before = (frames - 1) // 2
        padded = np.pad(heard, ((before, frames - 1 - before), (0, 0)))
        # The maximum of what is normed, to the last bit, in a fifth of the passes:
        # norms rise with the sum or fall with it; filters whose norm falls are turned.
        sign = np.sign(self._scale(place + 1))
        flat = kernel.reshape(frames * bands, filters) * sign
        found = []
        for windows in _blocks(padded, frames, bands):
            n, places = windows.shape[:2]
            sums = windows.reshape(n * places, frames * bands) @ flat
            found.append(sums.reshape(n, places, filters).max(axis=1))
        strongest = np.concatenate(found) * sign
        return self._normed(np.maximum(strongest + bias, 0.0), place + 1)

    def _dense(self, below: Array, place: int) -> Array:
        """Convolve over time, all channels at once."""
        kernel, bias = self._filters(place)
        frames, channels, _, filters = kernel.shape
        padded = np.pad(below, ((frames // 2, frames // 2), (0, 0)))
        flat = kernel.reshape(frames * channels, filters)
        windows = sliding_window_view(padded, (frames, channels))
        sums = windows.reshape(len(below), frames * channels) @ flat + bias
        return self._normed(np.maximum(sums, 0.0), place + 1)

    def _filters(self, place: int) -> tuple[Array, Array]:
        name = "conv2d" + (f"_{place}" if place else "")
        return self._weights[f"{name}/kernel"], self._weights[f"{name}/bias"]

    def _scores(self, embeddings: Array) -> Array:
        hidden = np.maximum(self._weighted(embeddings, "dense"), 0.0)
        logits = self._weighted(self._normed(hidden, _HIDDEN_NORM), "dense_1")
        return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float32)

    def _weighted(self, values: Array, name: str) -> Array:
        kernel, bias = self._weights[f"{name}/kernel"], self._weights[f"{name}/bias"]
        return np.asarray(values @ kernel + bias, np.float32)

    def _normed(self, values: Array, place: int) -> Array:
        mean, beta = self._norm(place, "moving_mean"), self._norm(place, "beta")
        return np.asarray((values - mean) * self._scale(place) + beta, np.float32)

    def _scale(self, place: int) -> Array:
        variance = self._norm(place, "moving_variance")
        return np.asarray(self._norm(place, "gamma") / np.sqrt(variance + _EPSILON))

    def _norm(self, place: int, part: str) -> Array:
        name = "batch_normalization" + (f"_{place}" if place else "")
        weights: Array = self._weights[f"{name}/{part}"]
        return weights


def _mel(samples: Samples) -> Array:
    """Return compressed mel spectra as musicnn wants them, shape (n_frames, 96)."""
    import librosa  # noqa: PLC0415 - slow

    power = librosa.feature.melspectrogram(
        y=samples, sr=SAMPLE_RATE, n_fft=_N_FFT, hop_length=_HOP, n_mels=_N_MELS
    ).T
    # In half precision, because it was trained so.
    coarse = power.astype(np.float16).astype(np.float32)
    return np.asarray(np.log10(10_000.0 * coarse + 1.0), np.float32)


def _blocks(padded: Array, frames: int, bands: int) -> Iterator[Array]:
    windows = sliding_window_view(padded, (frames, bands))
    for start in range(0, len(windows), _BLOCK):
        yield windows[start : start + _BLOCK]


def _installed() -> Path:
    # Found, not imported: its modules would switch TensorFlow back to version 1.
    spec = importlib.util.find_spec("musicnn")
    if spec is None or spec.origin is None:
        raise ConfigError(
            "the teacher musicnn is not installed: pip install --no-deps musicnn==0.1.0"
        )
    return Path(spec.origin).parent / _MODEL


def _read(folder: Path) -> dict[str, Any]:
    import tensorflow as tf  # noqa: PLC0415 - imports are slow

    try:
        with hushed():
            # The files have no name but their endings: ".index" and ".data-…".
            reader = tf.compat.v1.train.NewCheckpointReader(f"{folder}/")
            names = reader.get_variable_to_shape_map()
            weights = {
                name: reader.get_tensor(name) for name in names if "Adam" not in name
            }
        if weights[f"batch_normalization_{_POOLED_NORM}/gamma"].shape != (N_VALUES,):
            raise ConfigError(f"{folder} holds another network than {_MODEL}")
    except (tf.errors.OpError, ValueError, KeyError) as error:
        raise ConfigError(f"cannot read musicnn in {folder}: {error}") from error
    return weights
