"""No track on both sides, whatever the collection looks like."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.errors import ConfigError
from genre_train.dataset import TRAIN, VALID
from genre_train.split import split_tracks

# Files: a genre and one of a few contents, so that duplicates are common.
FILES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 30).map(str)), min_size=1
).map(
    lambda drawn: drawn + [(g, f"{g}{i}") for g in {g for g, _ in drawn} for i in "xy"]
)


@settings(max_examples=25, deadline=None)
@given(files=FILES, fraction=st.floats(0.01, 0.99), seed=st.integers(0, 2**32 - 1))
def test_no_track_is_ever_on_both_sides_and_no_genre_on_one_only(
    files: list[tuple[str, str]], fraction: float, seed: int
) -> None:
    genres, groups = [g for g, _ in files], [t for _, t in files]
    sides = split_tracks(groups, genres, valid_fraction=fraction, seed=seed)
    by_side = {
        side: {t for t, s in zip(groups, sides, strict=True) if s == side}
        for side in (TRAIN, VALID)
    }
    assert by_side[TRAIN] & by_side[VALID] == set()
    for genre in set(genres):
        both = {s for s, g in zip(sides, genres, strict=True) if g == genre}
        assert both == {TRAIN, VALID}


@settings(max_examples=10, deadline=None)
@given(files=FILES, seed=st.integers(0, 99))
def test_the_order_of_the_files_does_not_matter(
    files: list[tuple[str, str]], seed: int
) -> None:
    def sides_of(listing: list[tuple[str, str]]) -> dict[str, str]:
        genres, groups = [g for g, _ in listing], [t for _, t in listing]
        sides = split_tracks(groups, genres, valid_fraction=0.3, seed=seed)
        return dict(zip(groups, sides, strict=True))

    assert sides_of(files) == sides_of(files[::-1])


def test_every_genre_gives_the_same_share() -> None:
    groups = [f"{genre}{i}" for genre in "ab" for i in range(20)]
    genres = [group[0] for group in groups]
    sides = split_tracks(groups, genres, valid_fraction=0.25, seed=0)
    for genre in "ab":
        held = [
            s for s, g in zip(sides, genres, strict=True) if g == genre and s == VALID
        ]
        assert len(held) == 5


def test_another_seed_holds_out_other_tracks() -> None:
    groups, genres = [str(i) for i in range(40)], ["a"] * 40
    first = split_tracks(groups, genres, valid_fraction=0.5, seed=0)
    assert first != split_tracks(groups, genres, valid_fraction=0.5, seed=1)
    assert first == split_tracks(groups, genres, valid_fraction=0.5, seed=0)


def test_a_genre_with_one_track_cannot_be_split() -> None:
    with pytest.raises(ConfigError, match=r"'b' has 1 usable track.*at least 2"):
        split_tracks(["1", "2", "3"], ["a", "a", "b"], valid_fraction=0.2, seed=0)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5])
def test_a_fraction_that_leaves_a_side_empty_is_refused(fraction: float) -> None:
    with pytest.raises(ConfigError, match="--valid-fraction must be between 0 and 1"):
        split_tracks(["1", "2"], ["a", "a"], valid_fraction=fraction, seed=0)
