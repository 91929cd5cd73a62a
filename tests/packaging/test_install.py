"""The wheel and the sdist: installed where there is no source tree, they run.

Builds and installs offline: the dependencies are those of the environment that runs
the tests. ``make package`` installs them afresh, too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
import soundfile

from genre_daemon.sources.synth import RATE, Mix, seconds

ROOT = Path(__file__).parents[2]


def build(source: Path, out: Path, target: str) -> Path:
    """Build the wheel or the sdist of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = out.iterdir()
    return built


def names(wheel: Path) -> set[str]:
    """Return the files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in the sdist."""
    place = tmp_path_factory.mktemp("source")
    with tarfile.open(build(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")) as sdist:
        sdist.extractall(place, filter="data")
    (folder,) = place.iterdir()
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the sdist."""
    return build(source, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that holds the wheel."""
    place = tmp_path_factory.mktemp("fresh")
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    # Whatever is listed in a .pth file is found, but .pth files there are not read: the
    # editable install of this tree stays out.
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = place / "lib" / version / "site-packages"
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    return python.parent


def run(programs: Path, *arguments: object) -> str:
    """Run an installed program far from the source tree; return what it prints."""
    program, *rest = map(str, arguments)
    done = subprocess.run(
        [programs / program, *rest],
        capture_output=True,
        text=True,
        check=False,
        cwd=programs,
        env={"PATH": "/usr/bin:/bin", "HOME": str(programs), "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_daemon_names_a_recording(programs: Path, tmp_path: Path) -> None:
    code = "import genre_daemon; print(genre_daemon.__file__)"
    assert Path(run(programs, "python", "-c", code)).is_relative_to(programs.parent)
    music = Mix(7.0)
    music.add(0.0, (0.3 * seconds(7.0) % 0.01).astype("f4"))
    soundfile.write(tmp_path / "tone.wav", music.samples, RATE)
    told = json.loads(
        run(programs, "genre-daemon", "file", "--json", tmp_path / "tone.wav")
    )
    assert told["duration_s"] == pytest.approx(7.0)
    assert told["segments"]


def test_the_installed_model_tells_of_itself(programs: Path) -> None:
    assert "jazz" in run(programs, "genre-daemon", "model")


@pytest.mark.parametrize(
    "program", ["genre-daemon", "genre-listen", "genre-train", "genre-export"]
)
def test_every_program_is_installed_with_its_help(programs: Path, program: str) -> None:
    assert "Usage: " + program in run(programs, program, "--help")


def test_the_sdist_holds_all_that_a_wheel_of_the_tree_does(
    source: Path, wheel: Path, tmp_path: Path
) -> None:
    assert names(wheel) == names(build(ROOT, tmp_path, "wheel"))
    assert (source / "requirements.lock").is_file()  # what `make listen` installs by
