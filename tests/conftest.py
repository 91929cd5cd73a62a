"""Fixtures that every test may use."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from xdist.scheduler import Scheduling

# A shell that starts the tests in the background has them ignore SIGINT, and so would
# every program they start: Ctrl-C could not be tested.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """Share the tests among workers, where there are workers."""
    from tests.workers import InTurn  # noqa: PLC0415 - not everybody has pytest-xdist

    return InTurn(config, log)


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same on every run (440 is concert pitch)."""
    return np.random.default_rng(440)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real music, or a skip: tests must pass without it."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("GENRE_LISTEN_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no music at {folder} (set GENRE_LISTEN_DATA)")
    return folder
