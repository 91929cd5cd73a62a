"""``genre-train evaluate --conditions``: in a room, and without music."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

from genre_daemon.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def in_conditions(
    models: Sequence[Path], folder: Path, into: Path | None, *, as_json: bool
) -> None:
    """Score a run or a bundle under every condition, with what a data folder holds.

    Of several runs, each is scored on the clips that it did not learn.

    Parameters
    ----------
    into : Path, optional
        Bundle whose card shall tell what such runs name.

    Raises
    ------
    ConfigError
        If there is only one, or the bundle has other labels or tells nothing of
        conditions.
    """
    from genre_train.conditions import evaluate_conditions  # noqa: PLC0415 - slow
    from genre_train.conditionstext import render, render_unlearned  # noqa: PLC0415
    from genre_train.ears import open_ear  # noqa: PLC0415
    from genre_train.unlearned import evaluate_unlearned  # noqa: PLC0415

    if into is not None:
        _require_place(into, models)
    if len(models) > 1:
        report, text = evaluate_unlearned(models, folder), render_unlearned
    else:
        report, text = evaluate_conditions(open_ear(models[0]), folder), render
    if into is not None:
        _write(report, into)
    typer.echo(json.dumps(report, indent=2) if as_json else text(report))


def _require_place(into: Path, models: Sequence[Path]) -> None:
    from genre_daemon.inference.bundle import read_bundle  # noqa: PLC0415 - slow
    from genre_train.runs import RunFolder  # noqa: PLC0415 - slow

    if len(models) == 1:
        raise ConfigError(
            f"--into is for the runs of a cross-validation, and {models[0]} is only "
            "one: 'genre-export build --conditions' measures a bundle"
        )
    info = read_bundle(into).info
    for model in models:
        if tuple(RunFolder(model).config()["labels"]) != info.labels:
            raise ConfigError(f"{into} has other labels than {model}")
    if "conditions" not in info.metrics:
        raise ConfigError(
            f"{into} tells nothing of conditions: make it with 'genre-export build "
            "--conditions' first"
        )


def _write(report: dict[str, Any], into: Path) -> None:
    from genre_daemon.inference.bundle import (  # noqa: PLC0415 - slow
        read_bundle,
        write_bundle,
    )

    bundle = read_bundle(into)
    metrics = bundle.info.metrics
    told = {**metrics["conditions"], "unlearned": report}
    described = replace(bundle.info, metrics={**metrics, "conditions": told})
    write_bundle(into, bundle.flatbuffer, described)
