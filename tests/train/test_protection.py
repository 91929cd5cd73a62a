"""Files that are locked are told from files that are broken."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from genre_train.protection import protection

if TYPE_CHECKING:
    from pathlib import Path

ENCRYPTED = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")


@pytest.fixture
def m4a(tmp_path: Path) -> Path:
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg to write an m4a with")
    soundfile.write(tmp_path / "x.wav", np.zeros(22_050), 22_050)
    command = ("ffmpeg", "-v", "error", "-i", "x.wav", "x.m4a")
    subprocess.run(command, cwd=tmp_path, check=True)
    return tmp_path / "x.m4a"


def test_a_free_file_is_free(m4a: Path, tmp_path: Path) -> None:
    assert protection(m4a) is None
    assert protection(tmp_path / "x.wav") is None
    assert protection(tmp_path / "gone.m4a") is None


@pytest.mark.parametrize(
    ("entry", "name"),
    [(b"drms", "Apple FairPlay"), (b"enca", "common encryption")],
)
def test_a_locked_mp4_is_known_by_its_sample_entry(
    m4a: Path, entry: bytes, name: str
) -> None:
    content = m4a.read_bytes()
    assert content.count(b"mp4a") == 1
    m4a.write_bytes(content.replace(b"mp4a", entry))
    assert protection(m4a) == name


def test_a_locked_wma_is_known_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "x.wma"
    path.write_bytes(bytes(100) + ENCRYPTED + bytes(100))
    assert protection(path) == "Windows Media DRM"


def test_a_box_that_lies_of_its_size_does_no_harm(m4a: Path) -> None:
    content = m4a.read_bytes()
    nested = b"".join(
        (8 * (1000 - depth)).to_bytes(4, "big") + b"trak" for depth in range(1000)
    )
    huge = b"\xff\xff\xff\xffmoov" + content
    for lie in (nested, huge, content[:40], b"\0\0\0\1moov", b"", b"\0\0\0\0stsd"):
        m4a.write_bytes(lie)
        assert protection(m4a) is None
