"""Runs side by side, and the document that holds their table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from genre_daemon.errors import ConfigError
from genre_train.compare import (
    TABLE_BEGIN,
    TABLE_END,
    as_markdown,
    as_text,
    compare,
    renew_table,
)

if TYPE_CHECKING:
    from pathlib import Path


def write_run(folder: Path, *, system: str = "flat-cnn", leaky: bool = False) -> Path:
    """Write what a comparison reads of a run."""
    value = 0.9 if leaky else 0.4
    figure = {"value": value, "n": 197, "low": value - 0.05, "high": value + 0.05}
    config: dict[str, Any] = {
        "system": system,
        "protocol": "leaky" if leaky else "honest",
        "settings": {"model": system},
        "data": {
            "name": "arrays.npz",
            "window_frames": 64,
            "leaky": leaky,
            "counts": {"train": {"tracks": 443}, "valid": {"tracks": 197}},
        },
    }
    metrics = {
        "window": {"accuracy": figure, "macro_f1": figure},
        "parameters": 1_230_000,
        "training_cpu_seconds": 12.3,
    }
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


def test_honest_and_leaky_stand_next_to_each_other(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / "a"),
        write_run(tmp_path / "b", leaky=True),
        write_run(tmp_path / "c", system="mfcc-lstm"),
    ]
    rows = compare(runs)
    assert [row.system for row in rows] == ["flat-cnn", "mfcc-lstm"]
    head, *lines = as_text(rows).splitlines()
    assert head.index("honest accuracy") < head.index("LEAKY accuracy")
    assert "0.40 (0.35-0.45, n=197)" in lines[0]
    assert "0.90 (0.85-0.95, n=197) LEAKY" in lines[0]
    assert "LEAKY" not in lines[1]
    for text in (
        "1.5 s of arrays.npz",
        "443 / 197 tracks",
        "1 230 000",
        "12 s",
        "80 %",
    ):
        assert text in lines[0]


def test_a_leaky_figure_is_never_in_the_honest_column(tmp_path: Path) -> None:
    (row,) = compare([write_run(tmp_path / "b", leaky=True)])
    cells = row.cells()
    assert cells[3] == "-"
    assert cells[4].endswith("LEAKY")


def test_a_run_without_figures_is_told_of(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a")
    (run / "metrics.json").unlink()
    with pytest.raises(ConfigError, match="has no figures"):
        compare([run])


def test_the_table_of_a_document_is_renewed_and_nothing_else(tmp_path: Path) -> None:
    document = tmp_path / "systems.md"
    document.write_text(f"# Before\n{TABLE_BEGIN}\nold\n{TABLE_END}\nafter\n")
    table = as_markdown(compare([write_run(tmp_path / "a")]))
    renew_table(document, table)
    renew_table(document, table)
    text = document.read_text()
    assert text == f"# Before\n{TABLE_BEGIN}\n{table}\n{TABLE_END}\nafter\n"


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "systems.md"
    document.write_text("no marks\n")
    with pytest.raises(ConfigError, match="lacks the lines"):
        renew_table(document, "table")
    assert document.read_text() == "no marks\n"
