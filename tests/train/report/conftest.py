"""A run of the project's own network, trained for a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_train.fitting import run_fit
from genre_train.loading import DataSettings
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two epochs on twelve tracks of noise."""
    home = tmp_path_factory.mktemp("report")
    rng = np.random.default_rng(0)
    genre = ["jazz", "rock"] * 6
    np.savez(
        home / "x.npz",
        logmel=rng.normal(size=(12, 128, 42)).astype(np.float16),
        track=[f"t{i}" for i in range(12)],
        genre=genre,
        split=["train"] * 6 + ["valid"] * 6,
    )
    settings = TrainSettings(epochs=2)
    run_fit(DataSettings(home / "x.npz"), settings, home / "run", "mine")
    return home / "run"
