"""The file of embeddings, and how it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.embeddings import Embeddings, name_of

if TYPE_CHECKING:
    from pathlib import Path


def rows(
    count: int, value: float
) -> dict[str, np.ndarray[tuple[int, int], np.dtype[np.float16]]]:
    """Rows of a sound that is nothing but a number."""
    return {
        "musicnn": np.full((count, 3), value, np.float16),
        "musicnn_scores": np.full((count, 2), value / 10.0, np.float16),
        "yamnet": np.full((count, 2), -value, np.float16),
        "yamnet_scores": np.full((count, 1), value / 20.0, np.float16),
    }


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.npz"
    Embeddings({"free_music/a": rows(2, 1.0), "speech/b": rows(3, 2.0)}).save(path)
    back = Embeddings.load(path)
    assert list(back.sounds) == ["free_music/a", "speech/b"]
    for name, count, value in (("free_music/a", 2, 1.0), ("speech/b", 3, 2.0)):
        for tagger, told in rows(count, value).items():
            np.testing.assert_array_equal(back.of(name)[tagger], told)


def test_a_window_is_found_by_its_content(rng: np.random.Generator) -> None:
    patches = rng.normal(size=(2, 8, 4)).astype(np.float32)
    known = Embeddings({name_of(patches[1]): rows(1, 7.0)})
    assert known.of_windows(patches[1:])[0]["musicnn"][0, 0] == 7.0
    with pytest.raises(ConfigError, match="make them again with 'genre-train embed'"):
        known.of_windows(patches)


def test_a_sound_that_was_not_embedded_is_named() -> None:
    with pytest.raises(ConfigError, match="no embeddings of free_music/z"):
        Embeddings({}).of("free_music/z")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"no archive"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "embeddings.npz"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="cannot read embeddings from"):
        Embeddings.load(path)


def test_a_file_without_scores_has_to_be_made_again(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.npz"
    old = {name: part for name, part in rows(2, 1.0).items() if "scores" not in name}
    sounds = {"sound": np.array(["free_music/a"]), "count": np.array([2])}
    np.savez(path, allow_pickle=False, **sounds, **old)
    with pytest.raises(ConfigError, match=r"musicnn_scores.*'genre-train embed'"):
        Embeddings.load(path)
