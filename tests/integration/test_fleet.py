"""The benchmark of a fleet, at a size that costs seconds: does it still measure."""

from __future__ import annotations

import pytest
from benchmarks import fleet
from tests.integration.broker import broker

__all__ = ["broker"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

_NODES = 5


@pytest.mark.usefixtures("broker")  # it says where there is no Mosquitto
def test_a_small_fleet_is_heard_and_shown() -> None:
    outcome = fleet.measure(_NODES, seconds=3.0)
    assert outcome.announced == _NODES
    assert outcome.states > 0.0
    assert len(outcome.delay_s) >= _NODES
    assert min(outcome.delay_s) > -0.01  # one clock; times are told in milliseconds
    assert outcome.redraw_s
    assert outcome.undrawn == 0
