"""What the classifier says of playlists, heard once so that smoothers can be compared.

The sound goes through the daemon's own :class:`Pipeline`; only the judging of its
patches is put off, so that they can be handed to the model in batches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.inference.classifier import Classifier, softmax
from genre_daemon.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class _Keeper(Classifier):
    """Stands in for the classifier, and keeps the patches for later."""

    def __init__(self, info: BundleInfo) -> None:
        self.info = info
        self.inference_ms = 0.0
        self.patches: list[NDArray[np.float32]] = []
        self._undecided = np.full(
            len(info.labels), 1.0 / len(info.labels), dtype=np.float32
        )

    def push(self, patch: NDArray[np.float32]) -> NDArray[np.float32]:
        self.patches.append(patch)
        return self._undecided


def hear(playlist: Playlist, model: Model) -> Heard:
    """Return the predictions of a playlist, calibrated as the daemon would.

    Parameters
    ----------
    playlist : Playlist
        At the model's own rate.
    model : Model
    """
    rate = model.info.spec.sample_rate
    keeper = _Keeper(model.info)
    pipeline = Pipeline(keeper, rate)
    starts = range(0, len(playlist.samples), rate)
    blocks: Sequence[NDArray[np.float32]] = [
        playlist.samples[start : start + rate] for start in starts
    ]
    undecided = [
        verdict.prediction for block in blocks for verdict in pipeline.push(block)
    ]
    probabilities = softmax(
        model.logits(np.stack(keeper.patches)), model.info.calibration.temperature
    )
    predictions = (
        replace(prediction, probabilities=row)
        for prediction, row in zip(undecided, probabilities, strict=True)
    )
    return Heard(playlist.spans, tuple(predictions))
