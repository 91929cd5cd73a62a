"""The figures of a cross-validation, written for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_train.metrics import BINS, as_table

if TYPE_CHECKING:
    from collections.abc import Iterator


def render(result: dict[str, Any]) -> str:
    """Write all figures of a cross-validation."""
    return "\n".join(_lines(result))


def figure(value: dict[str, Any]) -> str:
    """Write a figure with its n and interval."""
    return (
        f"{value['value']:.3f} (n={value['n']}, 95 % {value['low']:.3f} to "
        f"{value['high']:.3f})"
    )


def _lines(result: dict[str, Any]) -> Iterator[str]:
    part = result["patch"]
    yield f"{result['run']}: {result['split']}"
    yield "trained again for every fold, without its tracks: " + ", ".join(
        result["trained"]
    )
    yield (
        "float networks: what is lost in whole numbers is measured by "
        "'genre-export build'"
    )
    seconds = part["frames"] * result["frame_seconds"]
    yield (
        f"windows of {part['frames']} frames ({seconds:.1f} s), heard as the daemon "
        "hears them"
    )
    yield ""
    yield from _accuracies(part)
    after = part["calibrated"]
    yield (
        f"ECE {part['calibration_error']:.3f}; at the temperature that suits the other "
        f"folds {after['calibration_error']:.3f} ({BINS} bins of equal size; "
        f"{after['by_chance']:.3f} by chance alone)"
    )
    yield ""
    yield from _recalls(part)
    yield ""
    yield "said (row) and named (column)"
    yield as_table(np.array(part["confusion"]), result["labels"])
    yield ""
    yield f"trained for {result['minutes']:.0f} minutes by the clock"


def _accuracies(part: dict[str, Any]) -> Iterator[str]:
    for number, fold in enumerate(part["accuracy_of_folds"], start=1):
        yield f"{f'fold {number}':12}  {figure(fold)}"
    yield f"{'all folds':12}  {figure(part['accuracy'])}"
    yield f"{'macro recall':12}  {figure(part['macro_recall'])}"


def _recalls(part: dict[str, Any]) -> Iterator[str]:
    width = max(map(len, part["recall"]))
    yield f"{'recall':{width}}     n"
    for label, value in part["recall"].items():
        yield f"{label:{width}} {part['windows'][label]:5d} {value:7.2f}"
