"""``genre-train evaluate --conditions``: in a room, and without music."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def in_conditions(models: Sequence[Path], folder: Path, *, as_json: bool) -> None:
    """Score a run or a bundle under every condition, with what a data folder holds.

    Of several runs, each is scored on the clips that it did not learn.
    """
    from genre_train.conditions import evaluate_conditions  # noqa: PLC0415 - slow
    from genre_train.conditionstext import render, render_unlearned  # noqa: PLC0415
    from genre_train.ears import open_ear  # noqa: PLC0415
    from genre_train.unlearned import evaluate_unlearned  # noqa: PLC0415

    if len(models) > 1:
        report, text = evaluate_unlearned(models, folder), render_unlearned
    else:
        report, text = evaluate_conditions(open_ear(models[0]), folder), render
    typer.echo(json.dumps(report, indent=2) if as_json else text(report))
