"""A network to listen with: that of a bundle, or that of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import (
    Bundle,
    BundleInfo,
    Calibration,
    read_bundle,
)
from genre_daemon.inference.classifier import Classifier
from genre_train.predicting import predict_chunks
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class Model(Protocol):
    """Anything that names chunks."""

    info: BundleInfo
    learned_from: frozenset[str]
    """Names of the tracks that it was trained on, as far as it tells."""

    def logits(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return shape (n, n_labels) of chunks, shape (n, chunk_frames, n_mels)."""


class BundleModel:
    """The int8 model of a bundle, as the daemon runs it.

    A bundle does not list the tracks that it was trained on.

    Parameters
    ----------
    bundle : Bundle
    calibration : Calibration, optional
        Of the bundle that is being fitted, if that is another one.
    """

    def __init__(self, bundle: Bundle, calibration: Calibration | None = None) -> None:
        info = bundle.info
        self.info = replace(info, calibration=calibration or info.calibration)
        self.learned_from: frozenset[str] = frozenset()
        self._classifier = Classifier(bundle)

    def logits(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        """See :class:`Model`."""
        return np.stack([self._classifier.hear(chunk) for chunk in chunks])


class RunModel:
    """The network of a run, before it is made a bundle.

    Parameters
    ----------
    path : Path
        Run folder.
    calibration : Calibration, optional
        Of the bundle that is being fitted; a run has none of its own.

    Raises
    ------
    ConfigError
        If the folder is no run or has no model.
    """

    def __init__(self, path: Path, calibration: Calibration | None = None) -> None:
        folder = RunFolder(path)
        config = folder.config()
        self.info = BundleInfo(
            name="run",
            version="0",
            labels=tuple(config["labels"]),
            spec=FeatureSpec.from_json(config["spec"]),
            calibration=calibration or Calibration(),
        )
        self.learned_from = frozenset(
            track for track, side in folder.sides().items() if side == "train"
        )
        self._network: Any = folder.load_model()

    def logits(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        """See :class:`Model`."""
        return predict_chunks(self._network, chunks)


def open_model(path: Path, calibration: Calibration | None = None) -> Model:
    """Open a run folder or a bundle.

    Raises
    ------
    BundleError, ConfigError
        If it is neither.
    """
    if path.is_dir():
        return RunModel(path, calibration)
    return BundleModel(read_bundle(path), calibration)
