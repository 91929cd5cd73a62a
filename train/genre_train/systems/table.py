"""The table of summary features: a CSV file with a row a track."""

from __future__ import annotations

import csv
import hashlib
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.dataset import TRAIN, VALID
from genre_train.summary import FEATURES
from genre_train.systems.material import Examples, Material

if TYPE_CHECKING:
    from pathlib import Path

_NEEDED = ("filename", "label", "split", *FEATURES)


def read_table(path: Path) -> Material:
    """Read a table with the columns ``filename``, 57 features, ``label``, ``split``.

    Returns
    -------
    Material
        With one input of shape (n, 57), not standardised. The name of a track is that
        of its file without the suffix.

    Raises
    ------
    ConfigError
        If the table cannot be read, lacks a column, or holds what is no number.
    """
    try:
        content = path.read_bytes()
        rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"cannot read the table {path}: {error}") from error
    missing = [name for name in _NEEDED if not rows or name not in rows[0]]
    if missing:
        raise ConfigError(
            f"{path} lacks the column {missing[0]!r}: a table of features has "
            f"filename, the {len(FEATURES)} features, label and split ({TRAIN} or "
            f"{VALID})"
        )
    try:
        values = np.array([[float(row[name]) for name in FEATURES] for row in rows])
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{path} holds what is no number: {error}") from error
    if not np.isfinite(values).all():
        raise ConfigError(f"{path} holds values that are not finite")
    labels, genre = np.unique([row["label"] for row in rows], return_inverse=True)
    held_out = np.array([row["split"] == VALID for row in rows])
    if held_out.all() or not held_out.any():
        raise ConfigError(f"{path} must have rows of both splits, {TRAIN} and {VALID}")
    return Material(
        Examples(
            (values.astype(np.float32),),
            genre.astype(np.int64),
            np.array([row["filename"].rpartition(".")[0] for row in rows]),
        ),
        held_out,
        tuple(str(label) for label in labels),
        "as given in the table, track-disjoint",
        {"table": str(path.resolve())},
        hashlib.sha256(content).hexdigest(),
    )
