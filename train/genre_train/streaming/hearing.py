"""What the classifier says of playlists, heard once so that smoothers can be compared.

The sound goes through the daemon's own :class:`Pipeline`; only the judging of its
chunks is put off, so that they can be handed to the model in batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.inference.classifier import Classifier
from genre_daemon.pipeline import Pipeline
from genre_daemon.smoothing import SmoothingSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.inference.bundle import BundleInfo
    from genre_daemon.messages import Prediction
    from genre_train.streaming.model import Model
    from genre_train.streaming.playlists import Playlist, Span


@dataclass(frozen=True)
class Heard:
    """A playlist as the classifier heard it."""

    spans: tuple[Span, ...]
    predictions: tuple[Prediction, ...]
    settle_hops: int = SmoothingSettings.settle_hops
    """As the daemon would have it for this model."""

    @property
    def times_s(self) -> NDArray[np.float64]:
        """When each prediction was made, shape (n,)."""
        return np.array([prediction.time_s for prediction in self.predictions])

    def truth(self) -> NDArray[np.str_]:
        """Return the label that is heard at each prediction, shape (n,)."""
        ends = np.array([span.end_s for span in self.spans])
        place = np.searchsorted(ends, self.times_s, side="right")
        labels = np.array([span.label for span in self.spans])
        return labels[np.minimum(place, len(labels) - 1)]


class _Rehearsal(Classifier):
    """Stands in for the classifier, and keeps the chunks for later."""

    def __init__(self, info: BundleInfo) -> None:
        self.info = info
        self._temperature = info.calibration.temperature
        self.chunks: list[NDArray[np.float32]] = []

    def hear(self, chunk: NDArray[np.float32]) -> NDArray[np.float32]:
        self.chunks.append(chunk)
        return np.zeros(len(self.info.labels), np.float32)


class _Told(_Rehearsal):
    """Stands in for the classifier, and says what it was told to say."""

    def __init__(self, info: BundleInfo, logits: NDArray[np.float32]) -> None:
        super().__init__(info)
        self._next = iter(logits)

    def hear(self, chunk: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ARG002 - known
        return next(self._next)


def hear(playlist: Playlist, model: Model) -> Heard:
    """Return the predictions of a playlist, calibrated as the daemon would.

    It is played twice: once to learn what will be asked, so that the network can
    answer all at once, and once more with the answers.

    Parameters
    ----------
    playlist : Playlist
        At the model's own rate.
    model : Model
    """
    rehearsal = _Rehearsal(model.info)
    _play(playlist, rehearsal)
    told = _Told(model.info, model.logits(np.stack(rehearsal.chunks)))
    predictions = tuple(_play(playlist, told))
    return Heard(playlist.spans, predictions, model.info.spec.chunk_hops)


def _play(playlist: Playlist, classifier: Classifier) -> list[Prediction]:
    rate = classifier.info.spec.sample_rate
    pipeline = Pipeline(classifier, rate)
    return [
        verdict.prediction
        for start in range(0, len(playlist.samples), rate)
        for verdict in pipeline.push(playlist.samples[start : start + rate])
    ]
