"""A collection of tracks that were never sound: arrays and a table of the same ones.

Two genres that differ in which bands are loud and in their features, so that anything
that learns at all learns them.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_train.summary import FEATURES
from genre_train.systems.inputs import Sources

if TYPE_CHECKING:
    from pathlib import Path

GENRES = ("high", "low")
PER_GENRE = 15


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Thirty tracks, ten of them held out."""
    folder = tmp_path_factory.mktemp("synthetic")
    names = [f"{genre}.{i:05d}" for genre in GENRES for i in range(PER_GENRE)]
    split = ["valid" if i % 3 == 0 else "train" for i in range(len(names))]
    genre = [name.partition(".")[0] for name in names]
    return Sources.of(
        [
            write_arrays(folder / "arrays.npz", names, genre, split),
            write_table(folder / "table.csv", names, genre, split),
        ]
    )


def write_arrays(
    path: Path, names: list[str], genre: list[str], split: list[str]
) -> Path:
    """Write log-mel arrays of 130 frames."""
    rng = np.random.default_rng(0)
    logmel = rng.normal(size=(len(names), 128, 130))
    for track, label in zip(logmel, genre, strict=True):
        track[64:] += 2.0 if label == "high" else -2.0
    np.savez(path, logmel=logmel.astype("f2"), track=names, genre=genre, split=split)
    return path


def write_table(
    path: Path, names: list[str], genre: list[str], split: list[str]
) -> Path:
    """Write a table of features, of which the first ten differ by genre."""
    rng = np.random.default_rng(1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["filename", *FEATURES, "label", "split"])
        for name, label, side in zip(names, genre, split, strict=True):
            values = rng.normal(size=len(FEATURES))
            values[:10] += 2.0 if label == "high" else -2.0
            writer.writerow([f"{name}.wav", *values.round(6), label, side])
    return path
