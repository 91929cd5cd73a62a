"""What was heard, kept: for the same take of the same recordings, and only if whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import AudioError, ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.imitation.excerpts import Heard
from genre_train.imitation.keeping import Kept
from genre_train.nomusic import FIT, MUSIC, Source

if TYPE_CHECKING:
    from pathlib import Path

SPEC = FeatureSpec()


@pytest.fixture
def mixture(tmp_path: Path) -> Source:
    """A recording with another one beneath it: only their bytes matter here."""
    one, other = (
        Source(f"music/{name}", MUSIC, FIT, name, tmp_path / f"{name}.wav")
        for name in ("one", "other")
    )
    for source in (one, other):
        assert source.path is not None
        source.path.write_bytes(source.name.encode())
    return replace(one, speed=1.1, beneath=(replace(other, speed=0.9), 6.0))


@pytest.fixture
def heard() -> Heard:
    """What might have been heard."""
    rng = np.random.default_rng(0)
    frames, moments, played = (
        rng.normal(size=(6, 4)).astype(np.float16) for _ in range(3)
    )
    return Heard(frames, moments, played)


def test_it_is_read_as_it_was_written(
    mixture: Source, heard: Heard, tmp_path: Path
) -> None:
    kept = Kept.of(tmp_path / "kept", mixture, 4, SPEC)
    assert kept.load() is None
    kept.save(heard)
    again = Kept.of(tmp_path / "kept", mixture, 4, SPEC).load()
    assert again is not None
    for name, values in vars(heard).items():
        np.testing.assert_array_equal(values, vars(again)[name])
        assert vars(again)[name].dtype == np.float16


def test_whatever_decides_what_is_heard_decides_the_place(
    mixture: Source, tmp_path: Path
) -> None:
    assert mixture.beneath is not None
    other, lower_db = mixture.beneath
    changed = [
        Kept.of(tmp_path, source, number, spec)
        for source, number, spec in (
            (mixture, 4, SPEC),
            (mixture, 5, SPEC),
            (mixture, 4, replace(SPEC, n_mels=64)),
            (replace(mixture, name="music/same"), 4, SPEC),
            (replace(mixture, speed=1.0), 4, SPEC),
            (replace(mixture, beneath=None), 4, SPEC),
            (replace(mixture, beneath=(other, lower_db + 1)), 4, SPEC),
            (replace(mixture, beneath=(replace(other, speed=1.0), lower_db)), 4, SPEC),
        )
    ]
    assert other.path is not None
    other.path.write_bytes(b"another recording")
    changed.append(Kept.of(tmp_path, mixture, 4, SPEC))
    assert len({one.path for one in changed}) == len(changed)


def test_a_file_that_is_not_whole_is_heard_again(
    mixture: Source, heard: Heard, tmp_path: Path
) -> None:
    kept = Kept.of(tmp_path / "kept", mixture, 4, SPEC)
    kept.save(heard)
    kept.path.write_bytes(kept.path.read_bytes()[:-40])
    assert kept.load() is None


def test_a_folder_that_cannot_be_written_to_gets_a_sentence(
    mixture: Source, heard: Heard, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = Kept.of(tmp_path / "file", mixture, 4, SPEC)
    with pytest.raises(ConfigError, match="Not a directory; name another folder with"):
        kept.save(heard)


def test_a_recording_that_is_gone_gets_a_sentence(
    mixture: Source, tmp_path: Path
) -> None:
    assert mixture.path is not None
    mixture.path.unlink()
    with pytest.raises(AudioError, match=r"cannot read .*one\.wav"):
        Kept.of(tmp_path, mixture, 4, SPEC)
