"""A log-mel system becomes a bundle that the daemon runs; the others are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_daemon.features.patches import standardise
from genre_daemon.inference.bundle import read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_export.opening import ExportSettings
from genre_export.package import build
from genre_train.systems.experiment import Settings, run_experiment

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.systems.inputs import Sources

pytestmark = pytest.mark.slow


def test_a_flat_cnn_runs_in_the_daemon(sources: Sources, tmp_path: Path) -> None:
    run = run_experiment(sources, Settings("flat-cnn", epochs=4), tmp_path / "run")
    settings = ExportSettings("flat", tuning_steps=0, per_genre=4)
    build(run.path, tmp_path / "flat.tflite", settings, force=True)
    bundle = read_bundle(tmp_path / "flat.tflite")
    assert bundle.info.spec.patch_frames == 128
    patch = np.random.default_rng(0).normal(size=(128, 128)).astype(np.float32)
    patch[:, 64:] += 2
    said = Classifier(bundle).push(standardise(patch, bundle.info.spec.top_db))
    assert bundle.info.labels[int(said.argmax())] == "high"


@pytest.mark.parametrize(
    ("system", "clips"), [("feature-mlp", False), ("flat-cnn", True)]
)
def test_what_the_daemon_cannot_feed_is_refused(
    sources: Sources, tmp_path: Path, system: str, *, clips: bool
) -> None:
    settings = Settings(system, clips=clips, epochs=1)
    run = run_experiment(sources, settings, tmp_path / "run")
    with pytest.raises(ConfigError, match="no bundle can be made of it"):
        build(run.path, tmp_path / "x.tflite", ExportSettings(), force=True)
