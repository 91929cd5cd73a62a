"""Copies of a recording are found whatever was done to them; others are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.train.styled import play

from genre_daemon.features.spec import FeatureSpec
from genre_daemon.sources import synth
from genre_train.features import compute_frames
from genre_train.fingerprint import bit_error, find_copies, fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SPEC = FeatureSpec()


@pytest.fixture(scope="module")
def piece() -> NDArray[np.float32]:
    return play("Classical", np.random.default_rng(1), 15)


def words(
    folder: Path, samples: NDArray[np.float32], suffix: str = "wav"
) -> NDArray[np.uint32]:
    """Write samples in a format and return the fingerprint of what is read again."""
    path = folder / f"x.{suffix}"
    soundfile.write(path, samples, synth.RATE)
    return fingerprint(compute_frames(path, SPEC), SPEC)


def test_a_copy_is_found_in_another_format_level_and_tone(
    piece: NDArray[np.float32], tmp_path: Path
) -> None:
    darker = synth.band(piece, 20.0, 3_000.0) * np.float32(0.2)
    (match,) = find_copies(
        [words(tmp_path, piece), words(tmp_path, darker, "mp3")], SPEC
    )
    assert (match.first, match.second) == (0, 1)
    assert match.offset_s == pytest.approx(0.0, abs=0.1)
    assert match.error < 0.2


def test_an_excerpt_is_found_with_its_place(
    piece: NDArray[np.float32], tmp_path: Path
) -> None:
    excerpt = piece[round(4.321 * synth.RATE) : 12 * synth.RATE]
    (match,) = find_copies(
        [words(tmp_path, piece), words(tmp_path, excerpt, "ogg")], SPEC
    )
    assert match.offset_s == pytest.approx(4.321, abs=0.1)
    (back,) = find_copies(
        [words(tmp_path, excerpt, "ogg"), words(tmp_path, piece)], SPEC
    )
    assert back.offset_s == pytest.approx(-4.321, abs=0.1)


def test_the_same_piece_played_again_is_no_copy(
    piece: NDArray[np.float32], tmp_path: Path
) -> None:
    again = play("Classical", np.random.default_rng(2), 15)
    other = play("Metal", np.random.default_rng(1), 15)
    prints = [words(tmp_path, music) for music in (piece, again, other)]
    assert find_copies(prints, SPEC) == []


def test_silence_and_what_is_too_short_is_a_copy_of_nothing(tmp_path: Path) -> None:
    silence, short = np.zeros(220_500, np.float32), np.ones(3_000, np.float32)
    assert (
        find_copies(
            [
                words(tmp_path, silence),
                words(tmp_path, silence),
                words(tmp_path, short),
            ],
            SPEC,
        )
        == []
    )
    assert find_copies([], SPEC) == []


def test_chance_differs_in_half_of_the_bits(rng: np.random.Generator) -> None:
    first, second = rng.integers(0, 2**32, (2, 1000), dtype=np.uint32)
    assert bit_error(first, second, 0) == pytest.approx(0.5, abs=0.02)
    assert bit_error(first, first, 0) == 0
    assert bit_error(first, first[300:], 300) == 0
    assert bit_error(first, second, 900) == 1.0


def test_real_recordings_are_copies_of_themselves_only(data_dir: Path) -> None:
    files = sorted((data_dir / "gtzan_clips" / "valid").glob("*.flac"))[:12]
    prints = [fingerprint(compute_frames(path, SPEC), SPEC) for path in files]
    assert find_copies(prints, SPEC) == []
    assert [m[:2] for m in find_copies([*prints[:3], prints[1]], SPEC)] == [(1, 3)]
