"""A CSV as a collection: what is read from it, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genre_daemon.errors import ConfigError
from genre_train.listing import survey_listing

if TYPE_CHECKING:
    from pathlib import Path


def write(
    folder: Path, *rows: str, head: str = "path,genre,artist,album,split"
) -> Path:
    path = folder / "music.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_each_row_is_a_track_beside_the_list(tmp_path: Path) -> None:
    found = survey_listing(
        write(
            tmp_path,
            "b/ü.ogg,Hip Hop,Somebody,First,valid",
            "a.mp3,jazz,,,train",
        )
    )
    assert found.problems == ()
    assert found.labels == ("hip-hop", "jazz")
    first, second = found.tracks
    assert (first.name, first.genre, first.side) == ("a.mp3", "jazz", "train")
    assert second.path == tmp_path / "b" / "ü.ogg"
    assert (second.artist, second.album) == ("Somebody", "First")


def test_a_list_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "music.csv"
    text = '\ufeffGenre, Path \r\njazz,"a, b.mp3"\r\nrock,c.mp3,too,many\r\n'
    path.write_text(text, encoding="utf-8", newline="")
    assert [track.name for track in survey_listing(path).tracks] == [
        "a, b.mp3",
        "c.mp3",
    ]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["a.mp3,jazz,,,"], "at least two genres, and there is only 'jazz'"),
        ([], "at least two genres, and there is none"),
        (["a.mp3,jazz,,,", "b.mp3,,,,"], "line 3 says no genre"),
        (["a.mp3,Jazz,,,", "b.mp3,jazz,,,"], "'Jazz' and 'jazz' make the same label"),
        (["a.mp3,jazz,,,", "b.mp3,音楽,,,"], "no Latin letter or digit"),
        (["a.mp3,jazz,,,test", "b.mp3,rock,,,train"], "line 2 says the split 'test'"),
        (["a.mp3,jazz,,,train", "b.mp3,rock,,,"], "not of 1 others.* b.mp3"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, rows: list[str], problem: str
) -> None:
    found = survey_listing(write(tmp_path, *rows))
    with pytest.raises(ConfigError, match=problem):
        found.require()


def test_what_is_no_such_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no column 'genre'"):
        survey_listing(write(tmp_path, head="path,style"))
    with pytest.raises(ConfigError, match=r"cannot read .*gone\.csv"):
        survey_listing(tmp_path / "gone.csv")
    (tmp_path / "x.csv").write_bytes(b"path,genre\n\xff\xfe,jazz\n")
    with pytest.raises(ConfigError, match="no CSV in UTF-8"):
        survey_listing(tmp_path / "x.csv")
