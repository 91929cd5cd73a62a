"""Embedding: all music is heard, and every labelled window."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.programs import run
from tests.train.recorded import excerpt

from genre_train.embeddings import Embeddings
from genre_train.nomusic import FIT, FREE_MUSIC, HELD_OUT, MUSIC, list_sources

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(data_dir: Path, tmp_path: Path) -> Path:
    """A few recordings of each kind, with the teacher."""
    few = excerpt(data_dir, tmp_path / "few")
    (few / "yamnet").symlink_to(data_dir / "yamnet")
    return few


@pytest.mark.slow
def test_all_are_heard_by_two_processes_that_share_a_cache(
    folder: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("musicnn", reason="musicnn is not installed")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    arrays, out = tmp_path / "few.npz", tmp_path / "embeddings.npz"
    with np.load(data_dir / "gtzan_logmel_trainvalid.npz") as every:
        np.savez(arrays, **{name: every[name][::40] for name in every.files})
    done = run("embed", folder, arrays, "--out", out, "--jobs", "2")
    assert done.returncode == 0, done.stderr
    found = Embeddings.load(out).sounds
    heard = {name for name in found if not name.startswith("window/")}
    music = list_sources(folder, (MUSIC, FREE_MUSIC))
    assert heard == {source.name for source in music}
    assert {source.side for source in music} == {FIT, HELD_OUT}
    windows = [rows for name, rows in found.items() if name.startswith("window/")]
    assert len(windows) == 16
    assert all(len(rows["musicnn"]) == len(rows["yamnet"]) for rows in windows)
    assert all(len(rows["yamnet"]) >= 1 for rows in windows)
    tuning = "import librosa, numpy; librosa.estimate_tuning(y=numpy.ones(9000))"
    subprocess.run([sys.executable, "-c", tuning], env=os.environ, check=True)
