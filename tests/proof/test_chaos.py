"""Chaos, in short: a minute of it, always the same."""

from __future__ import annotations

import pytest
from tests.proof.chaos import chaos
from tests.proof.faults import EVERYWHERE, Fault
from tests.proof.stage import missing_programs


@pytest.mark.slow
@pytest.mark.service
def test_a_minute_of_chaos_leaves_it_well() -> None:
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    outcome = chaos(60.0, seed=440)
    assert outcome.faults == []
    assert sum(outcome.happened.values()) > 1


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_every_fault_says_what_it_is(kind: type[Fault]) -> None:
    fault = kind.__new__(kind)
    assert fault.name.replace(" ", "") == kind.__name__.lower()
    assert kind.__doc__
    assert kind.group
