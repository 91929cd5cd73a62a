"""Fuzzing, in short: some inputs for each target, on every run of the tests."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.proof.fuzz.fuzz import fuzz
from tests.proof.fuzz.mutate import MAX_BYTES, mutate
from tests.proof.fuzz.targets import TARGETS, Target

INPUTS = {"audio": 25}  # what libsndfile refuses starts an ffmpeg
ENOUGH = 150


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_brings_out_more_than_a_sentence(name: str) -> None:
    outcome = fuzz(TARGETS[name], seed=440, inputs=INPUTS.get(name, ENOUGH))
    assert outcome.inputs == INPUTS.get(name, ENOUGH)
    assert outcome.crashes == {}


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_themselves_are_welcome(name: str) -> None:
    target = TARGETS[name]
    for seed in target.seeds():
        target.run(seed)


def test_a_crash_is_seen_and_kept_with_its_input() -> None:
    def fall_over(data: bytes) -> None:
        if b"bad" in data:
            raise ZeroDivisionError(data.count(b"bad"))

    seeds = [b"good", b"bad", b"bad bad"]
    outcome = fuzz(Target("weak", fall_over, lambda: seeds), seed=440, inputs=3)
    (one, two) = outcome.crashes
    assert one.startswith("ZeroDivisionError at test_fuzz.py:")
    assert outcome.crashes[two] == b"bad bad"


@given(st.integers(), st.lists(st.binary(max_size=64), min_size=1, max_size=4))
def test_mutations_are_the_same_for_the_same_seed(
    seed: int, seeds: list[bytes]
) -> None:
    one, two = (
        mutate(random.Random(seed), seeds, [b"word"])  # noqa: S311 - no secret
        for _ in range(2)
    )
    assert one == two
    assert len(one) <= MAX_BYTES
