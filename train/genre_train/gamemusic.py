"""Free music of games, out of Debian's packages: more to learn from without labels.

Whatever is in Debian's ``main`` may be used, changed and passed on; each package says
by whom it was made, and under which terms. Of each track the middle half minute is
kept, for music of games often begins with a long introduction.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import re
import subprocess
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from genre_daemon.errors import AudioError, ConfigError
from genre_train.durable import replacing
from genre_train.parallel import spread
from genre_train.samples import read_samples

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from genre_train.noises import Samples

FOLDER = "game_music"
"""Of the data folder: where it is kept."""

INDEX = "index.csv"
"""In that folder; it is written last, so that what has one is complete."""

COLUMNS = ("file", "track", "package", "version", "sha256")
"""Of the index; a track is a path in a package, the digest that of its file."""

PACKAGES = (
    "0ad-data",
    "ardentryst",
    "asc-music",
    "btanks-data",
    "colobot-common-sounds",
    "drascula-music",
    "enigma-data",
    "extremetuxracer-data",
    "fillets-ng-data",
    "flare-game",
    "freecol",
    "freedroidrpg-data",
    "fretsonfire-songs-muldjord",
    "fretsonfire-songs-sectoid",
    "frozen-bubble-data",
    "hedgewars-data",
    "hyperrogue-music",
    "lordsawar-data",
    "marsshooter-data",
    "megaglest-data",
    "naev-data",
    "nexuiz-music",
    "openclonk-data",
    "planetblupi-music-ogg",
    "plee-the-bear-data",
    "pushover-data",
    "redeclipse-data",
    "singularity-music",
    "starfighter-data",
    "supertux-data",
    "supertuxkart-data",
    "trackballs-data",
    "ufoai-music",
    "warmux-data",
    "warzone2100-music",
    "wesnoth-1.16-music",
    "widelands-data",
    "xmoto-data",
    "zaz-data",
)
"""Debian 12's, each with several tracks that no other collection at hand holds."""

SAMPLE_RATE = 24_000
LEAST_S, KEPT_S = 20.0, 30.0
"""Seconds: what is shorter is a jingle; what is kept of a track."""

_AUDIO = (".flac", ".mp3", ".oga", ".ogg", ".opus")
_ARCHIVES = (".ocg", ".pk3", ".zip")
_MUSIC = re.compile(
    r"music|songs?/|cdtracks|tunes|pushover/themes|drascula/audio", re.IGNORECASE
)


@dataclass(frozen=True)
class Package:
    """A package by its name."""

    name: str


@dataclass(frozen=True)
class Gathered:
    """What was found in a package: rows of the index."""

    name: str
    rows: tuple[dict[str, str], ...]


def gather_game_music(
    folder: Path, packages: Sequence[str] = PACKAGES, jobs: int = 1
) -> str:
    """Fetch packages and keep an excerpt of each track in the data folder.

    The same file in two packages is kept once.

    Parameters
    ----------
    folder : Path
        Data folder, which gets a ``game_music``.
    packages : sequence of str
        Names.
    jobs : int
        Packages that are fetched at once.

    Returns
    -------
    str
        What came of it, for people.

    Raises
    ------
    ConfigError
        If there is no apt, or it does not know or cannot fetch a package.
    """
    out = folder / FOLDER
    out.mkdir(parents=True, exist_ok=True)
    work = functools.partial(_gather, out=out)
    found = spread(
        work, [Package(name) for name in packages], title="packages", jobs=jobs
    )
    rows: dict[str, dict[str, str]] = {}
    for row in (row for one in found for row in one.rows):
        rows.setdefault(row["sha256"], row)
    index = io.StringIO(newline="")
    writer = csv.DictWriter(index, COLUMNS)
    writer.writeheader()
    writer.writerows(sorted(rows.values(), key=lambda row: row["file"]))
    with replacing(out / INDEX) as file:
        file.write(index.getvalue().encode())
    return f"{out}: {len(rows)} excerpts of {KEPT_S:g} s, of {len(packages)} packages"


def is_music(path: str) -> bool:
    """Whether a file of a game is music by its name: no sound, voice or picture."""
    return path.lower().endswith(_AUDIO) and _MUSIC.search(path) is not None


def middle(samples: Samples) -> Samples:
    """Return the middle ``KEPT_S`` of a track, or all if it is shorter."""
    n = round(KEPT_S * SAMPLE_RATE)
    start = max(samples.size - n, 0) // 2
    return samples[start : start + n]


def tracks(package: Path) -> Iterator[tuple[str, bytes]]:
    """Yield paths and contents of the music in a package, in archives of its, too."""
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with (
        subprocess.Popen(  # noqa: S603 - our own arguments, no shell
            command, stdout=subprocess.PIPE
        ) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as members,
    ):
        for member in members:
            inside = members.extractfile(member) if member.isfile() else None
            if inside is None:
                continue
            path = member.name.removeprefix("./")
            if path.lower().endswith(_ARCHIVES):
                yield from _in_archive(path, inside.read())
            elif is_music(path):
                yield path, inside.read()


def _in_archive(path: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in sorted(archive.namelist()):
            if is_music(f"{path}/{name}"):
                yield f"{path}/{name}", archive.read(name)


def _gather(package: Package, out: Path) -> Gathered:
    with tempfile.TemporaryDirectory() as place:
        file = _fetch(package.name, Path(place))
        rows = [
            row
            for path, content in tracks(file)
            if (row := _keep(package.name, file, path, content, out)) is not None
        ]
    return Gathered(package.name, tuple(rows))


def _fetch(name: str, place: Path) -> Path:
    try:
        subprocess.run(  # noqa: S603 - our own arguments, no shell
            ["apt-get", "download", name],  # noqa: S607 - apt is where PATH says
            cwd=place,
            check=True,
            capture_output=True,
        )
    except FileNotFoundError as error:
        raise ConfigError("music of games is fetched by apt-get: use Debian") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").splitlines()
        said = next((line for line in lines if line.startswith("E: ")), "no reason")
        raise ConfigError(
            f"cannot fetch the package {name}: {said.removeprefix('E: ')}; "
            "it is of Debian 12, and 'apt-get update' comes first"
        ) from error
    return next(place.glob("*.deb"))


def _keep(
    name: str, file: Path, path: str, content: bytes, out: Path
) -> dict[str, str] | None:
    """Write the excerpt of a track, and return its row, unless it is too short."""
    digest = hashlib.sha256(content).hexdigest()
    with tempfile.NamedTemporaryFile(suffix=PurePosixPath(path).suffix) as track:
        track.write(content)
        track.flush()
        try:
            samples = read_samples(Path(track.name), SAMPLE_RATE)
        except AudioError:
            return None
    if samples.size < LEAST_S * SAMPLE_RATE or not np.ptp(samples):
        return None
    kept = f"{digest[:16]}.opus"
    soundfile.write(
        out / kept, middle(samples), SAMPLE_RATE, format="OGG", subtype="OPUS"
    )
    version = file.name.split("_")[1]
    return dict(zip(COLUMNS, (kept, path, name, version, digest), strict=True))
