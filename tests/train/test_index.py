"""``genre-train index``: what is told of good collections and bad ones."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest
import soundfile
from tests.train.programs import run

from genre_train.index import build_index
from genre_train.indextext import render
from genre_train.loading import DataSettings

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.index import Index


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def music(collection: Path, tmp_path: Path) -> Path:
    """Give a copy of the collection that a test may spoil."""
    return shutil.copytree(collection, tmp_path / "music")


def index(path: Path, cache: Path) -> Index:
    return build_index(DataSettings(path, cache=cache))


def test_a_good_collection_is_counted(music: Path, cache: Path) -> None:
    found = index(music, cache)
    assert found.problems == ()
    assert [(g.label, g.files) for g in found.genres] == [
        ("bells", 6),
        ("drone", 6),
        ("drums", 6),
    ]
    assert found.genres[0].minutes == pytest.approx(0.6, abs=0.01)
    assert all(genre.held_out for genre in found.genres)
    assert "track-disjoint" in found.split
    assert "18 files of 3 genres, 1.8 minutes" in render(found)


def test_one_bad_file_of_each_kind_is_named_and_stops_nothing(
    music: Path, cache: Path
) -> None:
    (music / "bells" / "empty.wav").touch()
    (music / "bells" / "text.mp3").write_text("no music at all")
    (music / "drums" / "circle.wav").symlink_to("circle.wav")
    (music / "drums" / "gone.flac").symlink_to("nowhere.flac")
    (music / "drums" / "song\n\udcff.wav").write_bytes(b"")
    with (music / "drums" / "bought.m4p").open("wb") as file:
        entry = (16).to_bytes(4, "big") + b"drms" + bytes(8)
        box = (8 + 8 + len(entry)).to_bytes(4, "big") + b"stsd" + bytes(8) + entry
        for name in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
            box = (8 + len(box)).to_bytes(4, "big") + name + box
        file.write(box)
    found = index(music, cache)
    assert found.problems == ()
    assert {name: len(reason) > 20 for name, reason in found.unreadable.items()} == {
        "bells/empty.wav": True,
        "bells/text.mp3": True,
        "drums/bought.m4p": True,
        "drums/circle.wav": True,
        "drums/gone.flac": True,
        "drums/song\\n\\udcff.wav": True,
    }
    assert "protected (Apple FairPlay)" in found.unreadable["drums/bought.m4p"]
    assert "is empty" in found.unreadable["bells/empty.wav"]
    assert sum(genre.files for genre in found.genres) == 18
    json.dumps(found.to_json()).encode("ascii")


def test_copies_are_found_by_content_and_by_sound(music: Path, cache: Path) -> None:
    shutil.copy(music / "bells" / "0.wav", music / "drums" / "wrong.wav")
    samples, rate = soundfile.read(music / "bells" / "1.wav")
    soundfile.write(music / "bells" / "quiet.mp3", 0.3 * samples, rate)
    found = index(music, cache)
    (exact,) = found.exact
    assert exact.names == ("bells/0.wav", "drums/wrong.wav")
    assert "in 2 genres: one of them must be wrong" in render(found)
    assert ("bells/1.wav", "bells/quiet.mp3") in {near.names for near in found.near}


def test_an_artist_on_both_sides_of_a_given_split_is_named(
    collection: Path, tmp_path: Path, cache: Path
) -> None:
    rows = ["path,genre,artist,split"]
    for genre in ("bells", "drums"):
        for number in range(4):
            side = "valid" if number == 0 else "train"
            artist = "Everywhere" if number < 2 else f"Solo {number}"
            path = collection / genre / f"{number}.wav"
            rows.append(f"{path},{genre},{artist} {genre},{side}")
    listing = tmp_path / "music.csv"
    listing.write_text("\n".join(rows))
    found = index(listing, cache)
    assert found.split == "as given in the list"
    assert [(s.kind, s.name, s.train, s.valid) for s in found.shared] == [
        ("artist", "Everywhere bells", 1, 1),
        ("artist", "Everywhere drums", 1, 1),
    ]
    assert "on both sides of the split, which flatters" in render(found)


def empty_genre(music: Path) -> None:
    (music / "polka").mkdir()


def one_genre(music: Path) -> None:
    shutil.rmtree(music / "drums")
    shutil.rmtree(music / "drone")


def two_cases(music: Path) -> None:
    shutil.copytree(music / "drums", music / "Drums")


def two_spellings_of_one_letter(music: Path) -> None:
    for name in ("caf\u00e9", "cafe\u0301"):
        shutil.copytree(music / "drums", music / name)


def no_latin_name(music: Path) -> None:
    shutil.copytree(music / "drums", music / "音楽")


def a_circle(music: Path) -> None:
    (music / "all").symlink_to(music, target_is_directory=True)


def only_bad_files(music: Path) -> None:
    for path in (music / "drums").iterdir():
        path.write_bytes(b"")


def one_song(music: Path) -> None:
    for path in sorted((music / "drums").iterdir())[1:]:
        path.unlink()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (empty_genre, "polka holds no audio file: fill or remove it"),
        (one_genre, "at least two of them, and there is only 'bells'"),
        (two_cases, "'Drums' and 'drums'"),
        (two_spellings_of_one_letter, "make the same label 'cafe'"),
        (no_latin_name, "'音楽' has no Latin letter or digit"),
        (a_circle, "which holds the collection itself: remove the link"),
        (only_bad_files, "none of the files of the genre 'drums'"),
        (one_song, "'drums' has 1 usable track(s) of its own"),
    ],
)
def test_what_cannot_be_trained_on_is_one_sentence(
    music: Path, cache: Path, spoil: object, sentence: str
) -> None:
    assert callable(spoil)
    spoil(music)
    found = index(music, cache)
    assert sentence in "\n".join(found.problems)
    assert render(found).splitlines()[-1].startswith("  ")


def test_the_command_answers_with_an_exit_code(
    music: Path, cache: Path, tmp_path: Path
) -> None:
    common = ("--cache", cache, "--jobs", "1")
    good = run("index", music, *common, "--json")
    assert good.returncode == 0, good.stderr
    assert len(json.loads(good.stdout)["genres"]) == 3
    two_cases(music)
    bad = run("index", music, *common)
    assert bad.returncode == 2
    assert "cannot be trained on:" in bad.stdout
    arrays = tmp_path / "x.npz"
    arrays.touch()
    assert "holds arrays" in run("index", arrays).stderr
    missing = run("index", tmp_path / "gone")
    assert missing.returncode == 2
    assert os.fspath(tmp_path / "gone") in missing.stderr
