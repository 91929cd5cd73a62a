"""The table of a search: for a terminal, and for a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_train.tables import columns, markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD = (
    "candidate",
    "model",
    "parameters",
    "M multiply-adds",
    "accuracy of a patch (95 %)",
    "against the first (95 %)",
    "macro recall",
    "tracks",
    "folds",
    "seeds",
    "minutes",
)


def as_text(rows: Sequence[dict[str, Any]]) -> str:
    """Lay the rows out for a terminal."""
    return columns([_HEAD, *map(_cells, rows)])


def as_markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Lay the rows out as a table for a document."""
    return markdown([_HEAD, *map(_cells, rows)])


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    patch, change = row["patch"], row["change"]
    accuracy = patch["accuracy"]
    return (
        row["candidate"] + (f": {row['note']}" if row["note"] else ""),
        row["model"],
        f"{row['parameters']:,}".replace(",", " "),
        f"{row['multiply_adds'] / 1e6:.1f}",
        f"{accuracy['value']:.3f} ({accuracy['low']:.3f} to {accuracy['high']:.3f})",
        "-"
        if change is None
        else f"{change['value']:+.3f} ({change['low']:+.3f} to {change['high']:+.3f})",
        f"{patch['macro_recall']['value']:.3f}",
        str(row["tracks"]),
        row["folds"],
        ", ".join(map(str, row["seeds"])),
        f"{row['minutes']:.1f}",
    )
