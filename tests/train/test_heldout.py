"""Logits of a cross-validation, from one program to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.heldout import HeldOut, load_held_out

if TYPE_CHECKING:
    from pathlib import Path

LABELS = ("bells", "drums")
HELD = HeldOut(
    np.array([[1, 2], [3, 4], [5, 6]], np.float32),
    np.array([0, 1, 1]),
    np.array(["a", "a", "b"]),
    "5 folds, three seeds",
)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    HELD.save(tmp_path / "folds.npz", LABELS)
    loaded = load_held_out(tmp_path / "folds.npz", LABELS)
    np.testing.assert_array_equal(loaded.logits, HELD.logits)
    np.testing.assert_array_equal(loaded.genre, HELD.genre)
    assert loaded.track.tolist() == ["a", "a", "b"]
    assert loaded.told == HELD.told


def test_other_labels_are_refused(tmp_path: Path) -> None:
    HELD.save(tmp_path / "folds.npz", LABELS)
    with pytest.raises(ConfigError, match="is about bells, drums, the model names x"):
        load_held_out(tmp_path / "folds.npz", ("x", "y"))


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with pytest.raises(ConfigError, match="cannot read the logits"):
        load_held_out(path, LABELS)
    np.savez(path, logits=HELD.logits)
    with pytest.raises(ConfigError, match="lacks the array 'genre'"):
        load_held_out(path, LABELS)
    path.write_bytes(b"nonsense")
    with pytest.raises(ConfigError, match="cannot read the logits"):
        load_held_out(path, LABELS)


def test_shapes_must_agree(tmp_path: Path) -> None:
    HeldOut(HELD.logits[:2], HELD.genre, HELD.track, "").save(
        tmp_path / "x.npz", LABELS
    )
    with pytest.raises(ConfigError, match=r"must have the shape \(3, 2\)"):
        load_held_out(tmp_path / "x.npz", LABELS)
