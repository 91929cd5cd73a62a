"""The shipped bundle hears what the network it was made from hears."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_export.cli import app

RUN = Path(__file__).parents[2] / "train" / "runs" / "gtzan-compact"


@pytest.mark.data
@pytest.mark.slow
def test_it_keeps_its_word_on_held_out_patches(data_dir: Path) -> None:
    arrays = data_dir / "gtzan_logmel_trainvalid.npz"
    done = CliRunner().invoke(
        app, ["verify", str(SHIPPED), str(RUN), "--data", str(arrays)]
    )
    assert done.exit_code == 0, done.output
    told = read_bundle(SHIPPED).info.metrics
    assert told["same_top1"]["value"] >= 0.98
    int8, floating = (told["window_accuracy"][kind] for kind in ("int8", "float"))
    assert int8["value"] >= floating["value"] - 0.01
    # The reference figure on these arrays, for a network of this size.
    assert int8["value"] >= 0.624
    assert f"accuracy {int8['value']:.3f} (n={int8['n']}" in done.output
