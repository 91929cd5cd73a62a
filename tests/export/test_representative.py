"""The chunks that ranges are measured on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.features.patches import chunks_of, fill_patch
from genre_daemon.features.spec import FeatureSpec
from genre_export.representative import other_chunks, representative
from genre_train.augment import standardise_batch
from genre_train.dataset import DataSet, Windows

if TYPE_CHECKING:
    from pathlib import Path

SPEC = FeatureSpec(n_mels=64, patch_frames=128)
GENRE = np.array([0] * 10 + [1] * 6 + [2] * 2)


def windows(loud_band: int) -> Windows:
    """Give noise in which band ``loud_band`` plus the genre stands out."""
    patches = np.random.default_rng(loud_band).normal(size=(18, 100, 64))
    patches[np.arange(18), :, loud_band + GENRE] += 5
    patches[0, 50, 40] = 500  # a click
    names = np.array([f"{loud_band}.{i}" for i in range(18)])
    return Windows(standardise_batch(patches.astype(np.float32)), GENRE, names)


DATA = DataSet(
    name="x",
    sha256="",
    labels=("a", "b", "c"),
    spec=SPEC,
    split="",
    train=windows(10),
    valid=windows(20),
)
NONE = np.empty((0, SPEC.chunk_frames, SPEC.n_mels), np.float32)


def test_every_genre_of_the_training_side_gives_the_same_number() -> None:
    found = representative(DATA, NONE, per_genre=4, seed=0)
    assert found.shape == (4 + 4 + 2, 86, 64)
    loudest = np.median(found, axis=1).argmax(axis=1)
    assert np.bincount(loudest).tolist() == [0] * 10 + [4, 4, 2]


def test_each_window_gives_one_chunk_as_the_daemon_hears_it() -> None:
    found = representative(DATA, NONE, per_genre=99, seed=0)
    for patch in DATA.train.patches:
        heard = chunks_of(fill_patch(patch, SPEC.patch_frames), SPEC)
        # But for what is cut off: a click, and little else.
        same = [np.isclose(found, one).mean(axis=(1, 2)) > 0.99 for one in heard]
        assert np.sum(same) == 1


def test_other_sounds_are_measured_too() -> None:
    others = np.full((3, SPEC.chunk_frames, SPEC.n_mels), 2.0, np.float32)
    found = representative(DATA, others, per_genre=4, seed=0)
    assert np.array_equal(found[-3:], others)


def test_without_a_background_there_are_no_others() -> None:
    assert other_chunks(None, DATA, n=5, seed=0).shape == (0, 86, 64)


@pytest.mark.data
def test_others_come_from_the_background_of_the_run(data_dir: Path) -> None:
    data = replace(DATA, spec=FeatureSpec())
    chunks = other_chunks(data_dir, data, n=4, seed=0)
    assert chunks.shape == (8, 86, 128)
    assert np.allclose(chunks.std(axis=(1, 2)), 1, atol=1e-3)


def test_the_choice_is_seeded() -> None:
    first = representative(DATA, NONE, per_genre=2, seed=0)
    assert np.array_equal(first, representative(DATA, NONE, per_genre=2, seed=0))
    assert not np.array_equal(first, representative(DATA, NONE, per_genre=2, seed=1))


def test_one_click_does_not_stretch_the_range() -> None:
    assert DATA.train.chunks(SPEC).max() > 50
    assert representative(DATA, NONE, per_genre=99, seed=0).max() < 10
