"""``genre-train evaluate --conditions``: in a room, and without music."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path


def in_conditions(model: Path, folder: Path, *, as_json: bool) -> None:
    """Score a run or a bundle under every condition, with what a data folder holds."""
    from genre_train.conditions import evaluate_conditions  # noqa: PLC0415 - slow
    from genre_train.conditionstext import render  # noqa: PLC0415
    from genre_train.ears import open_ear  # noqa: PLC0415

    report = evaluate_conditions(open_ear(model), folder)
    typer.echo(json.dumps(report, indent=2) if as_json else render(report))
