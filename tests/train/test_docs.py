"""The ten commands of ``docs/training.md``, exactly as they are printed there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.train.styled import write_music

PAGE = Path(__file__).parents[2] / "docs" / "training.md"
GENRES = ["Classical", "Disco", "Metal"]
COMMANDS = re.findall(r"^\$ (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_there_are_ten_commands() -> None:
    assert len(COMMANDS) == 10


@pytest.mark.slow
def test_a_folder_of_mp3s_becomes_a_daemon_that_knows_its_genres(
    tmp_path: Path,
) -> None:
    write_music(tmp_path / "music", GENRES, numbers=range(6))
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(tmp_path / ".cache"),
        "XDG_STATE_HOME": str(tmp_path / ".state"),
    }

    def shell(command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],  # as a person would type it
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    said = {command: shell(command) for command in COMMANDS}
    assert "18 files of 3 genres" in said[COMMANDS[0]]
    metrics = json.loads((tmp_path / "mine" / "metrics.json").read_text())
    accuracy = metrics["patch"]["accuracy"]
    assert accuracy["low"] > 0.5  # chance is a third
    # Songs that nobody has heard before, by the bundle that the page has made.
    write_music(tmp_path / "new", GENRES, numbers=range(6, 8))
    answers = [
        json.loads(line)
        for line in shell(
            "genre-daemon file --json --bundle mine.tflite new/*/*.mp3"
        ).splitlines()
    ]
    right = sum(
        Path(answer["path"]).parent.name.lower() == answer["genre"]
        for answer in answers
    )
    assert len(answers) == 6
    assert right >= 5
