"""The shipped bundle hears what the network it was made from hears, and no more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.messages import NO_MUSIC
from genre_export.cli import app
from genre_train.nomusic import (
    ENVIRONMENT,
    HELD_OUT,
    MUSIC,
    SPEECH,
    cut,
    list_sources,
    load_sounds,
)

RUNS = Path(__file__).parents[2] / "train" / "runs"

pytestmark = [pytest.mark.data, pytest.mark.slow]


def test_it_is_the_network_of_its_run(data_dir: Path) -> None:
    arrays = data_dir / "gtzan_logmel_trainvalid.npz"
    run = RUNS / "gtzan-compact-all"
    done = CliRunner().invoke(
        app, ["verify", str(SHIPPED), str(run), "--data", str(arrays)]
    )
    assert done.exit_code == 0, done.output


def test_it_tells_the_figures_of_its_twin() -> None:
    info = read_bundle(SHIPPED).info
    assert info.provenance["trained_on"] == "train and valid"
    assert "twin" in info.metrics["of"]
    assert info.metrics["same_top1"]["value"] >= 0.98
    int8, floating = (
        info.metrics["window_accuracy"][kind] for kind in ("int8", "float")
    )
    assert int8["n"] == 197
    assert int8["value"] >= floating["value"] - 0.01


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [(SPEECH, 0.95, 1.0), (ENVIRONMENT, 0.95, 1.0), (MUSIC, 0.0, 0.03)],
)
def test_it_knows_what_is_no_music(
    data_dir: Path, kind: str, least: float, most: float
) -> None:
    bundle = read_bundle(SHIPPED)
    spec, classifier = bundle.info.spec, Classifier(bundle)
    sources = [one for one in list_sources(data_dir, (kind,)) if one.side == HELD_OUT]
    windows = cut(load_sounds(sources, spec), spec.patch_frames, spec.patch_frames)
    label = bundle.info.labels.index(NO_MUSIC)
    named = [int(classifier.push(levels).argmax()) for levels in windows.levels]
    assert least <= np.mean([one == label for one in named]) <= most
