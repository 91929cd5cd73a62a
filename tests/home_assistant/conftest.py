"""A Home Assistant, a node, and a broker between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.home_assistant.home import NO_PYTHON, PYTHON, Home
from tests.home_assistant.room import Room
from tests.integration.broker import Broker, broker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["broker"]


@pytest.fixture
def home(tmp_path: Path, broker: Broker) -> Iterator[Home]:
    """A running Home Assistant that knows the broker and nothing else."""
    if not PYTHON.exists():
        pytest.skip(NO_PYTHON)
    folder = tmp_path / "home"
    folder.mkdir()
    home = Home(folder, broker.port)
    home.start()
    yield home
    complaints = home.complaints()
    home.stop()
    assert complaints == [], "\n".join(complaints)


@pytest.fixture
def room(broker: Broker) -> Iterator[Room]:
    """A node called living-room."""
    with Room(broker.port) as room:
        yield room
