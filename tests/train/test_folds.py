"""Every track is held out once, with its group, and of each genre something is left."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.train.recorded import write_arrays

from genre_daemon.errors import ConfigError
from genre_train.dataset import TRAIN, VALID
from genre_train.folds import Fold, fold_sides
from genre_train.loading import DataSettings, load

if TYPE_CHECKING:
    from pathlib import Path

# Files: a genre and one of a few groups, some of which are of several genres.
FILES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 20).map(str)),
    min_size=4,
    max_size=60,
)


def sides_of(files: list[tuple[str, str]], of: int, seed: int) -> list[list[str]]:
    genres, groups = [g for g, _ in files], [t for _, t in files]
    return [fold_sides(groups, genres, Fold(k, of, seed)) for k in range(1, of + 1)]


@settings(max_examples=40, deadline=None)
@given(files=FILES, of=st.integers(2, 6), seed=st.integers(0, 2**32 - 1))
def test_folds_are_disjoint_and_complete_and_tear_no_group(
    files: list[tuple[str, str]], of: int, seed: int
) -> None:
    try:
        folds = sides_of(files, of, seed)
    except ConfigError:
        assume(False)
    for i in range(len(files)):
        assert [sides[i] for sides in folds].count(VALID) == 1
    for sides in folds:
        by_group: dict[str, set[str]] = {}
        for (_, group), side in zip(files, sides, strict=True):
            by_group.setdefault(group, set()).add(side)
        assert all(len(its) == 1 for its in by_group.values())
        taught = {g for (g, _), side in zip(files, sides, strict=True) if side == TRAIN}
        assert taught == {genre for genre, _ in files}
        assert VALID in sides


@settings(max_examples=10, deadline=None)
@given(shuffled=st.permutations([(g, f"{g}{i}") for g in "ab" for i in range(9)]))
def test_the_order_of_the_files_does_not_matter(
    shuffled: list[tuple[str, str]],
) -> None:
    def held(files: list[tuple[str, str]]) -> set[str]:
        sides = sides_of(files, 3, 0)[0]
        return {t for (_, t), side in zip(files, sides, strict=True) if side == VALID}

    assert held(shuffled) == held(sorted(shuffled))


def test_genres_are_spread_evenly_and_seeds_deal_anew() -> None:
    files = [(genre, f"{genre}{i}") for genre in "abcd" for i in range(23)]
    for sides in sides_of(files, 5, 0):
        held = Counter(g for (g, _), s in zip(files, sides, strict=True) if s == VALID)
        assert set(held) == set("abcd")
        assert max(held.values()) - min(held.values()) <= 1
    assert sides_of(files, 5, 0) == sides_of(files, 5, 0)
    assert sides_of(files, 5, 0) != sides_of(files, 5, 1)


def test_too_few_tracks_for_so_many_folds() -> None:
    two = [("a", "a0"), ("a", "a1"), ("b", "b0"), ("b", "b1")]
    with pytest.raises(ConfigError, match=r"too few tracks.* for --folds 5"):
        sides_of(two, 5, 0)
    one_band = [("a", f"a{i}") for i in range(6)] + [("b", "band")] * 6
    with pytest.raises(ConfigError, match="genre 'b' would be in one fold"):
        sides_of(one_band, 3, 0)


def test_a_fold_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match="--folds must be at least 2, got 1"):
        Fold(1, 1)
    with pytest.raises(ConfigError, match="--fold must be 1 to 5, got 6"):
        Fold(6)


def test_an_arrays_file_is_held_out_fold_by_fold(tmp_path: Path) -> None:
    where = DataSettings(write_arrays(tmp_path / "x.npz"))
    folds = [load(replace(where, fold=Fold(k, 3))) for k in (1, 2, 3)]
    held = [name for data in folds for name in data.valid.track.tolist()]
    assert sorted(held) == [f"{i:02d}" for i in range(12)]
    for data in folds:
        assert not set(data.train.track.tolist()) & set(data.valid.track.tolist())
        assert len(data.train) + len(data.valid) == 12


def test_the_sides_of_an_arrays_file_are_two_folds(tmp_path: Path) -> None:
    where = DataSettings(write_arrays(tmp_path / "x.npz"))
    given = load(where)
    first, second = (load(replace(where, fold=Fold(k, 2, sides=True))) for k in (1, 2))
    for shown, held_out, fold in (
        (given.train, given.valid, first),
        (given.valid, given.train, second),
    ):
        assert fold.train.track.tolist() == shown.track.tolist()
        assert fold.valid.track.tolist() == held_out.track.tolist()
    assert second.split == "fold 2 of 2 held out, the sides of the given split"


def test_sides_are_those_of_an_arrays_file(collection: Path, tmp_path: Path) -> None:
    where = DataSettings(collection, cache=tmp_path, fold=Fold(1, 2, sides=True))
    with pytest.raises(ConfigError, match="is a collection: leave it out"):
        load(where)
    with pytest.raises(ConfigError, match="--sides are 2 folds, got --folds 5"):
        Fold(1, 5, sides=True)


def test_copies_of_a_recording_are_held_out_together(
    collection: Path, tmp_path: Path
) -> None:
    music = shutil.copytree(collection, tmp_path / "music")
    shutil.copy(music / "bells" / "0.wav", music / "bells" / "copy.wav")
    where = DataSettings(music, cache=tmp_path / "cache")
    held = []
    for k in (1, 2, 3):
        data = load(replace(where, fold=Fold(k, 3)))
        names = set(data.valid.track.tolist())
        assert len({"bells/0.wav", "bells/copy.wav"} & names) in (0, 2)
        held += sorted(names)
    assert len(held) == len(set(held)) == 19
