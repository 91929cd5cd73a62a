"""What a split must not tear apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from genre_daemon.errors import ConfigError
from genre_train.collection import Track
from genre_train.division import Grouping, divide, listed
from genre_train.examine import Examined
from genre_train.fingerprint import Match
from genre_train.groups import group_files


def file(
    name: str, genre: str = "jazz", artist: str = "", album: str = "", side: str = ""
) -> Examined:
    track = Track(Path(name), genre, name, side=side)
    return Examined(track, digest=f"hash of {name}", artist=artist, album=album)


def together(files: list[Examined], by: str, *matches: Match) -> list[str]:
    """Return the names of the files of each group, joined and sorted."""
    groups, _ = group_files(files, matches, by)
    return sorted(
        "".join(
            sorted(f.track.name for f, g in zip(files, groups, strict=True) if g == x)
        )
        for x in set(groups)
    )


FILES = [
    file("a", artist="Ann", album="One"),
    file("b", artist="ann", album="Two"),
    file("c", artist="Bob", album="One"),
    file("d"),
]


def test_artists_albums_and_tracks_stay_together() -> None:
    assert together(FILES, "artist") == ["ab", "c", "d"]
    assert together(FILES, "album") == ["a", "b", "c", "d"]
    assert together(FILES, "track") == ["a", "b", "c", "d"]


def test_copies_stay_together_whatever_else_is_asked() -> None:
    copies = (Match(0, 3, 0.0, 0.1), Match(2, 3, 0.0, 0.1))
    assert together(FILES, "track", *copies) == ["acd", "b"]
    same = [file("a"), file("a"), file("b")]
    assert together(same, "track") == ["aa", "b"]


def test_auto_is_the_widest_that_leaves_each_genre_two_groups() -> None:
    files = [
        *FILES,
        file("x", "bach", "Bach", "Suites"),
        file("y", "bach", "Bach", "Mass"),
        file("z", "bach", "Bach", "Mass"),
    ]
    groups, words = group_files(files, (), "auto")
    assert together(files, "auto") == ["ab", "c", "d", "x", "yz"]
    assert words == "disjoint by what each genre allows (bach: album; jazz: artist)"
    assert len(groups) == len(files)


def test_another_grouping_is_refused() -> None:
    with pytest.raises(ConfigError, match="--group-by must be one of auto, artist"):
        group_files(FILES, (), "mood")


def test_what_was_trained_on_before_stays_there_with_its_copies() -> None:
    files = [file(f"{genre}{i}", genre) for genre in ("jazz", "rock") for i in range(6)]
    inherited = {"jazz0": "train", "jazz1": "valid", "jazz2": "valid", "jazz3": "train"}
    copies = [Match(3, 2, 0.0, 0.0)]
    for seed in range(5):
        how = Grouping("track", 0.3, seed, inherited)
        sides, words = divide(files, copies, how)
        of = dict(zip((f.track.name for f in files), sides, strict=True))
        assert [of[f"jazz{i}"] for i in range(4)] == [
            "train",
            "valid",
            "train",
            "train",
        ]
        assert "former sides" in words
        assert {of[f"rock{i}"] for i in range(6)} == {"train", "valid"}


def test_a_list_decides_by_itself_but_must_hold_out_every_genre() -> None:
    files = [
        file("a", "jazz", side="train"),
        file("b", "jazz", side="valid"),
        file("c", "rock", side="train"),
    ]
    assert listed(files[:2]).sides == ["train", "valid"]
    with pytest.raises(ConfigError, match="'rock' has no usable track held out"):
        listed(files)
    with pytest.raises(ConfigError, match="--split csv needs a CSV"):
        listed([file("d")])
