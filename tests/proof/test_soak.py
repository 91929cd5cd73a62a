"""Soaks, in short: they run, they would notice a hole, and they pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import paho.mqtt.client as paho
import pytest
from tests.proof import compressed
from tests.proof.soak import Counter, soak
from tests.proof.stage import ROOT, missing_programs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.service
def test_ten_seconds_in_real_time_have_no_hole() -> None:
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    outcome = soak(10.0)
    assert outcome.faults == []
    assert outcome.verdicts >= 8
    assert str(outcome).endswith("passed")


def test_ten_minutes_compressed_have_no_hole(tmp_path: Path) -> None:
    outcome = compressed.soak(600, tmp_path)
    assert outcome.faults == []
    assert 590 < outcome.verdicts <= 600
    assert outcome.segments > outcome.changes > 0


def test_a_hole_in_the_sequence_is_noticed() -> None:
    counter = Counter(port=0)
    for number in (7, 8, 10):
        message = paho.MQTTMessage(topic=f"{ROOT}/prediction".encode())
        message.payload = json.dumps({"sequence": number}).encode()
        counter.receive(message)
    assert counter.holes == [(8, 10)]
    assert (counter.first, counter.last) == (7, 10)
