"""Which files make a collection, and which collections make no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genre_daemon.errors import ConfigError
from genre_train.collection import label_of, scan

if TYPE_CHECKING:
    from pathlib import Path


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")


def test_every_audio_file_is_found_with_its_genre(tmp_path: Path) -> None:
    for name in ("Hip Hop/a.MP3", "Hip Hop/album/b.flac", "jazz/ü.ogg"):
        touch(tmp_path / name)
    found = [(track.genre, track.name) for track in scan(tmp_path)]
    assert found == [
        ("hip-hop", "Hip Hop/a.MP3"),
        ("hip-hop", "Hip Hop/album/b.flac"),
        ("jazz", "jazz/ü.ogg"),
    ]


def test_covers_hidden_files_and_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    names = ("a/1.wav", "a/cover.jpg", "a/._1.wav", "a/.trash/2.wav", "b/1.wav")
    for name in (*names, ".cache/3.wav", "loose.wav"):
        touch(tmp_path / name)
    assert [track.name for track in scan(tmp_path)] == ["a/1.wav", "b/1.wav"]


def test_a_link_in_a_circle_does_no_harm(tmp_path: Path) -> None:
    for name in ("a/1.wav", "b/1.wav"):
        touch(tmp_path / name)
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert len(scan(tmp_path)) == 2


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        ("Hip Hop", "hip-hop"),
        ("R&B", "r-b"),
        ("Schläger", "schlager"),
        ("no_music", "no_music"),
        (" 80s ", "80s"),
    ],
)
def test_a_folder_name_makes_a_label(folder: str, label: str) -> None:
    assert label_of(folder) == label


@pytest.mark.parametrize("folder", ["音楽", "...", "Unknown", "silence"])
def test_a_folder_that_makes_no_label_is_to_be_renamed(folder: str) -> None:
    with pytest.raises(ConfigError, match="rename it"):
        label_of(folder)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing is no folder"):
        scan(tmp_path / "missing")


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"at least two of them, and there is no"):
        scan(tmp_path)


def test_one_genre_only(tmp_path: Path) -> None:
    touch(tmp_path / "jazz" / "1.wav")
    with pytest.raises(ConfigError, match=r"there is only 'jazz'"):
        scan(tmp_path)


def test_a_genre_without_audio(tmp_path: Path) -> None:
    touch(tmp_path / "jazz" / "1.wav")
    touch(tmp_path / "rock" / "cover.jpg")
    with pytest.raises(ConfigError, match=r"rock holds no audio file"):
        scan(tmp_path)


def test_two_folders_that_differ_by_case(tmp_path: Path) -> None:
    for name in ("Jazz/1.wav", "jazz/2.wav"):
        touch(tmp_path / name)
    with pytest.raises(ConfigError, match=r"'Jazz' and 'jazz'.*same label 'jazz'"):
        scan(tmp_path)
