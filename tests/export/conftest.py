"""A run that was really trained, on music that is synthesised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.train.songs import write_collection

from genre_train.fitting import run_fit
from genre_train.loading import DataSettings
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three genres, eight tracks each, a few seconds of training."""
    home = tmp_path_factory.mktemp("toy")
    music = write_collection(home / "three genres", per_genre=8, seconds=5.5)
    where = DataSettings(music, valid_fraction=0.25, cache=home / "cache")
    settings = TrainSettings(epochs=20, batch_size=6)
    report = run_fit(where, settings, home / "run", "public domain")
    assert report.exit_code == 0
    return home / "run"
