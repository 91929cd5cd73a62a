"""Soft labels: a file of opinions, and what is read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.softlabels import SoftLabels

if TYPE_CHECKING:
    from pathlib import Path

SOFT = SoftLabels(
    ("blues", "jazz"),
    np.array(["music/a", "music/b", "music/a"]),
    np.array([0, 0, 90]),
    np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], np.float32),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    SOFT.save(tmp_path / "soft.npz")
    again = SoftLabels.load(tmp_path / "soft.npz")
    assert again.labels == SOFT.labels
    for name in ("recording", "start", "probabilities"):
        assert np.array_equal(getattr(again, name), getattr(SOFT, name))


def test_a_recording_has_its_windows_in_the_order_of_the_network() -> None:
    told = SOFT.of("music/a", ("jazz", "blues", "no_music"))
    assert told is not None
    start, rows = told
    assert start.tolist() == [0, 90]
    assert rows == pytest.approx(np.array([[0.1, 0.9, 0.0], [0.8, 0.2, 0.0]]))


def test_nothing_is_told_of_a_recording_that_nobody_was_asked_about() -> None:
    assert SOFT.of("music/c", ("blues", "jazz")) is None


def test_a_network_without_one_of_the_genres_cannot_use_them() -> None:
    with pytest.raises(ConfigError, match="know the genre 'jazz', which is none of"):
        SOFT.of("music/a", ("blues", "rock"))


@pytest.mark.parametrize("content", [None, b"", b"PK no archive"])
def test_a_file_of_something_else_is_refused(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "soft.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match="make them with 'genre-train soft-labels'"):
        SoftLabels.load(path)
