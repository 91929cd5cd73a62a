"""The figures of a cross-validation, written for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_train.metrics import BINS, as_table

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("window", "patch")


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
    parts = [result[name] for name in NAMES]
    yield f"{result['run']}: {result['split']}"
    yield "trained again for every fold, without its tracks: " + ", ".join(
        result["trained"]
    )
    yield (
        "float networks: what is lost in whole numbers is measured by "
        "'genre-export build'"
    )
    yield ""
    yield from _accuracies(parts, result["frame_seconds"])
    for name, part in zip(NAMES, parts, strict=True):
        after = part["calibrated"]
        yield (
            f"{name:6} ECE {part['calibration_error']:.3f}; at the temperature that "
            f"suits the other folds {after['calibration_error']:.3f} ({BINS} bins of "
            f"equal size; {after['by_chance']:.3f} by chance alone)"
        )
    yield ""
    yield from _recalls(parts)
    yield ""
    yield "said (row) and named (column), patch"
    yield as_table(np.array(parts[1]["confusion"]), result["labels"])
    yield ""
    yield f"trained for {result['minutes']:.0f} minutes by the clock"


def _accuracies(parts: list[dict[str, Any]], frame_s: float) -> Iterator[str]:
    """Write a column for windows as they are, and one for what the daemon hears."""
    looped = ", looped" if parts[0]["frames"] < parts[1]["frames"] else ""
    heads = [
        f"{name}: {part['frames']} frames, {part['frames'] * frame_s:.1f} s"
        for name, part in zip(NAMES, parts, strict=True)
    ]
    rows: list[tuple[str, ...]] = [("accuracy", heads[0], heads[1] + looped)]
    folds = zip(*(part["accuracy_of_folds"] for part in parts), strict=True)
    rows += [
        (f"fold {number}", *map(figure, pair))
        for number, pair in enumerate(folds, start=1)
    ]
    rows.append(("all folds", *(figure(part["accuracy"]) for part in parts)))
    rows.append(("macro recall", *(figure(part["macro_recall"]) for part in parts)))
    width = max(len(row[1]) for row in rows)
    for name, window, patch in rows:
        yield f"{name:12}  {window:{width}}  {patch}"


def _recalls(parts: list[dict[str, Any]]) -> Iterator[str]:
    labels = parts[0]["recall"]
    width = max(map(len, labels))
    yield f"{'recall':{width}}     n  window  patch"
    for label in labels:
        window, patch = (part["recall"][label] for part in parts)
        n = parts[0]["windows"][label]
        yield f"{label:{width}} {n:5d} {window:7.2f} {patch:6.2f}"
