"""Data sets small enough to train on in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.train.songs import write_collection

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three genres with six tracks of 6 s each."""
    folder = tmp_path_factory.mktemp("music") / "my music"
    return write_collection(folder, per_genre=6, seconds=6)
