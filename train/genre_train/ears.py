"""A bundle or a run as a listener: samples in, the probabilities of each patch out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from genre_daemon.features.patches import Patches, chunks_of, fill_patch
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.pipeline import Pipeline
from genre_daemon.probabilities import softmax
from genre_train.predicting import predict_patches
from genre_train.runs import RunFolder
from genre_train.samples import frames_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.inference.bundle import Bundle
    from genre_train.noises import Samples


class Ear(Protocol):
    """What can be played to."""

    title: str
    labels: tuple[str, ...]
    spec: FeatureSpec
    threshold: float
    """Confidence under which nothing is named."""

    def hear(self, samples: Samples) -> NDArray[np.float32]:
        """Return the probabilities of each patch, shape (n, n_labels).

        Parameters
        ----------
        samples : ndarray, shape (n,), float32
            At the sample rate of the features.
        """


class BundleEar:
    """A bundle, heard through the daemon's own pipeline.

    The predictions are taken before smoothing, and whatever the level.
    """

    def __init__(self, bundle: Bundle) -> None:
        info = bundle.info
        self.title, self.labels, self.spec = info.title, info.labels, info.spec
        self.threshold = info.calibration.threshold
        self._classifier = Classifier(bundle)

    def hear(self, samples: Samples) -> NDArray[np.float32]:
        """Play samples a second at a time."""
        pipeline = Pipeline(self._classifier, self.spec.sample_rate)
        verdicts = [
            verdict
            for start in range(0, samples.size, self.spec.hop_samples)
            for verdict in pipeline.push(samples[start : start + self.spec.hop_samples])
        ]
        verdicts += pipeline.finish()
        return np.stack([verdict.prediction.probabilities for verdict in verdicts])


class RunEar:
    """The network of a run, with the daemon's own features; not calibrated."""

    threshold = 0.0

    def __init__(self, run: Path) -> None:
        folder = RunFolder(run)
        config = folder.config()
        self.title = f"run {run.name}"
        self.labels = tuple(config["labels"])
        self.spec = FeatureSpec.from_json(config["spec"])
        self._model: Any = folder.load_model()

    def hear(self, samples: Samples) -> NDArray[np.float32]:
        """Play samples at once."""
        spec, frames = self.spec, frames_of(samples, self.spec)
        cut = [
            chunks_of(patch.frames, spec, patch.number)
            for patch in Patches(spec).push(frames)
        ] or [chunks_of(fill_patch(frames, spec.patch_frames), spec)]
        return softmax(predict_patches(self._model, np.array(cut)))


def open_ear(path: Path) -> Ear:
    """Open a bundle (a file) or a run (a folder).

    Raises
    ------
    BundleError, ConfigError
        If it is neither.
    """
    return RunEar(path) if path.is_dir() else BundleEar(read_bundle(path))
