"""Every family of rows runs, in short, and gives figures that can be true."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from benchmarks import features, hop, recordings, running, training
from benchmarks.layers import layers
from benchmarks.measure import Settings
from benchmarks.runtimes import DEFAULT, Invoker
from benchmarks.stages import HOP, stages
from tests.proof.stage import missing_programs

from genre_daemon.inference.bundle import SHIPPED, read_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.rows import Row

SHORT = Settings(run=Path("nowhere"), repeats=1, runs=1, recording_s=8.0, steady_s=1.5)


@pytest.mark.parametrize("family", [features.rows, hop.rows, recordings.rows])
def test_figures_can_be_true(family: Callable[[Settings], Iterator[Row]]) -> None:
    rows = list(family(SHORT))
    measured = [row.figure for row in rows if row.figure is not None]
    assert measured
    assert all(0 < x.low <= x.value <= x.high for x in measured)
    assert all(row.note for row in rows if row.figure is None)


@pytest.mark.slow
def test_fused_norms_cost_something() -> None:
    (row,) = training.rows(SHORT)
    assert row.figure is not None
    assert 0 < row.figure.low <= row.figure.value <= row.figure.high


@pytest.mark.slow
@pytest.mark.service
def test_a_running_daemon_is_measured() -> None:
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    rows = {row.measured: row.figure for row in running.rows(SHORT)}
    memory = next(x for name, x in rows.items() if "resident" in name)
    assert memory is not None
    assert 20 < memory.value < 500


def test_a_runtime_is_asked_in_its_own_process(tmp_path: Path) -> None:
    model = tmp_path / "model.tflite"
    model.write_bytes(read_bundle(SHIPPED).flatbuffer)
    with Invoker(Path(sys.executable), DEFAULT, model) as invoker:
        invoker.invoke()
    assert invoker.version
    assert (invoker.times(1) > 0).all()


def test_stages_are_within_the_hop() -> None:
    found = stages(read_bundle(SHIPPED), 2)
    assert all(0 < taken <= found[HOP] for taken in found.values())


def test_every_layer_of_the_shipped_network_has_a_cost() -> None:
    found = list(layers(read_bundle(SHIPPED).flatbuffer, 1))
    assert {"conv_2d", "fully_connected"} <= {name for name, _, _ in found}
    assert sum(taken for _, _, taken in found) > 0
