"""Who plays it, from the tags of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from genre_train.tags import read_tags

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("suffix", ["mp3", "flac", "ogg"])
def test_artist_and_album_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    with soundfile.SoundFile(path, "w", 22_050, 1) as file:
        file.artist, file.album = "Cafe Quartet", "First"
        file.write(np.zeros(22_050))
    assert read_tags(path) == ("Cafe Quartet", "First")


def test_what_has_no_tags_has_nobody(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.zeros(100), 22_050)
    (tmp_path / "y.mp3").write_bytes(b"ID3" + b"\xff" * 50)
    (tmp_path / "z.txt").write_text("text")
    for name in ("x.wav", "y.mp3", "z.txt", "gone.mp3"):
        assert read_tags(tmp_path / name) == ("", "")
