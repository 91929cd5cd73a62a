"""The patches that ranges are measured on."""

from __future__ import annotations

import numpy as np

from genre_daemon.features.spec import FeatureSpec
from genre_export.representative import representative
from genre_train.augment import standardise_batch
from genre_train.dataset import DataSet, Windows

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


def test_every_genre_of_the_training_side_gives_the_same_number() -> None:
    found = representative(DATA, per_genre=4, seed=0)
    assert found.shape == (4 + 4 + 2, 128, 64)
    loudest = np.median(found, axis=1).argmax(axis=1)
    assert np.bincount(loudest).tolist() == [0] * 10 + [4, 4, 2]


def test_the_choice_is_seeded() -> None:
    first = representative(DATA, per_genre=2, seed=0)
    assert np.array_equal(first, representative(DATA, per_genre=2, seed=0))
    assert not np.array_equal(first, representative(DATA, per_genre=2, seed=1))


def test_one_click_does_not_stretch_the_range() -> None:
    looped = DATA.train.looped(SPEC.patch_frames, SPEC.top_db)
    assert looped.patches.max() > 50
    assert representative(DATA, per_genre=99, seed=0).max() < 10
