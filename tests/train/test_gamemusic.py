"""Music out of packages: real ones, built by dpkg-deb and fetched by apt-get."""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from genre_daemon.errors import ConfigError
from genre_train.gamemusic import (
    FOLDER,
    KEPT_S,
    SAMPLE_RATE,
    gather_game_music,
    is_music,
    middle,
    tracks,
)
from genre_train.nomusic import FIT, GAME_MUSIC, list_sources
from genre_train.samples import read_samples

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None,
    reason="needs Debian's apt-get and dpkg-deb",
)

RATE = 8_000
CONTROL = """\
Package: {name}
Version: 1.0-2
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: music
"""


def write_music(path: Path, seconds: float, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).normal(0, 0.1, round(seconds * RATE))
    soundfile.write(path, noise, RATE)


def build(tree: Path, name: str, repository: Path) -> Path:
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(CONTROL.format(name=name))
    package = repository / f"{name}_1.0-2_all.deb"
    command = ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(package)]
    subprocess.run(command, check=True, capture_output=True)
    return package


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two games, and an apt that knows no other."""
    repository, trees = tmp_path / "repository", tmp_path / "trees"
    repository.mkdir()
    game = trees / "game" / "usr/share/games/game"
    write_music(game / "music" / "long.ogg", 70.0, seed=1)
    write_music(game / "music" / "jingle.ogg", 4.0, seed=2)
    write_music(game / "sounds" / "wind.ogg", 40.0, seed=3)
    (game / "music" / "broken.ogg").write_bytes(b"no music at all")
    build(trees / "game", "game", repository)
    other = trees / "other" / "usr/share/other"
    write_music(tmp_path / "inside" / "music" / "short.flac", 22.0, seed=4)
    other.mkdir(parents=True)
    with zipfile.ZipFile(other / "data.pk3", "w") as archive:
        archive.write(tmp_path / "inside/music/short.flac", "music/short.flac")
        archive.write(game / "music" / "long.ogg", "music/the_same.ogg")
    build(trees / "other", "other", repository)
    stanzas = [
        subprocess.run(
            ["dpkg-deb", "--field", str(package)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        + f"Filename: ./{package.name}\nSize: {package.stat().st_size}\n"
        f"SHA256: {hashlib.sha256(package.read_bytes()).hexdigest()}\n"
        for package in sorted(repository.glob("*.deb"))
    ]
    (repository / "Packages").write_text("\n".join(stanzas))
    state = tmp_path / "apt"
    for folder in ("lists/partial", "archives/partial", "etc"):
        (state / folder).mkdir(parents=True)
    sources = state / "etc" / "sources.list"
    sources.write_text(f"deb [trusted=yes] file:{repository} ./\n")
    (state / "apt.conf").write_text(
        f'Dir::State::lists "{state}/lists";\nDir::Cache "{state}";\n'
        f'Dir::Etc::sourcelist "{sources}";\nDir::Etc::sourceparts "-";\n'
        'APT::Sandbox::User "root";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(state / "apt.conf"))
    subprocess.run(["apt-get", "update"], check=True, capture_output=True)
    return repository


def index_of(folder: Path) -> list[dict[str, str]]:
    with (folder / FOLDER / "index.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_middle_of_each_track_is_kept_once(
    tmp_path: Path, repository: Path
) -> None:
    said = gather_game_music(tmp_path, ("game", "other"))
    assert said == f"{tmp_path / FOLDER}: 2 excerpts of 30 s, of 2 packages"
    rows = {row["track"].rpartition("/")[2]: row for row in index_of(tmp_path)}
    assert set(rows) == {"long.ogg", "short.flac"}
    assert rows["long.ogg"]["package"] == "game"
    assert rows["long.ogg"]["version"] == "1.0-2"
    assert rows["short.flac"]["track"] == "usr/share/other/data.pk3/music/short.flac"
    lengths = [
        len(read_samples(tmp_path / FOLDER / rows[name]["file"], SAMPLE_RATE))
        for name in ("long.ogg", "short.flac")
    ]
    assert lengths == pytest.approx([30 * SAMPLE_RATE, 22 * SAMPLE_RATE], abs=200)
    assert (repository / "game_1.0-2_all.deb").exists()


@pytest.mark.usefixtures("repository")
def test_what_was_gathered_is_trained_on_and_never_held_out(tmp_path: Path) -> None:
    assert list_sources(tmp_path, [GAME_MUSIC]) == []
    gather_game_music(tmp_path, ("game", "other"))
    found = list_sources(tmp_path, [GAME_MUSIC])
    assert len(found) == 2
    assert all(one.music and one.side == FIT for one in found)
    assert all(one.path is not None and one.path.is_file() for one in found)


@pytest.mark.usefixtures("repository")
def test_a_package_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot fetch the package nogame: .*nogame"):
        gather_game_music(tmp_path, ("nogame",))


def test_without_apt_the_remedy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="fetched by apt-get: use Debian"):
        gather_game_music(tmp_path, ("game",))


@pytest.mark.usefixtures("repository")
def test_a_package_that_fails_leaves_no_index(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nogame"):
        gather_game_music(tmp_path, ("game", "nogame"))
    assert not (tmp_path / FOLDER / "index.csv").exists()


def test_archives_are_looked_into(repository: Path) -> None:
    found = dict(tracks(repository / "other_1.0-2_all.deb"))
    inside = "usr/share/other/data.pk3/music"
    assert set(found) == {f"{inside}/short.flac", f"{inside}/the_same.ogg"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("usr/share/games/game/music/one.ogg", True),
        ("usr/share/games/game/Data/Music/One.OGG", True),
        ("usr/share/games/game/data/songs/band/song.ogg", True),
        ("usr/share/games/game/sounds/wind.ogg", False),
        ("usr/share/games/game/music/cover.png", False),
    ],
)
def test_music_is_known_by_its_path(path: str, *, expected: bool) -> None:
    assert is_music(path) == expected


def test_the_middle_is_that_of_the_track() -> None:
    samples = np.arange(100 * SAMPLE_RATE, dtype=np.float32)
    kept = middle(samples)
    assert kept.size == KEPT_S * SAMPLE_RATE
    assert kept[0] == 35 * SAMPLE_RATE
    assert middle(kept[:100]).size == 100
