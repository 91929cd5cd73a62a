"""Sides, windows and sounds: what may be trained on and what only measured."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.bandwidth import centres_hz
from genre_train.features import compute_frames
from genre_train.melnoise import band_power
from genre_train.noises import NOISES
from genre_train.nomusic import (
    ENVIRONMENT,
    FIT,
    FREE_MUSIC,
    HELD_OUT,
    KINDS,
    MUSIC,
    SPEECH,
    SYNTHETIC,
    Sound,
    Source,
    cut,
    list_sources,
    load_faster,
    load_sounds,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SPEC = FeatureSpec()
RATE = SPEC.sample_rate
SYNTHETIC_ONE = Source("synthetic/hum/0", SYNTHETIC, FIT, "hum 0", None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small data folder: programmes in pairs, excerpts of tracks, four folds.

    Only the environmental sounds can be decoded; the rest is there to be listed.
    """
    for kind in ("speech", "music"):
        programmes = tmp_path / "music_speech" / kind
        programmes.mkdir(parents=True)
        for name in ("news1", "news2", "greek", "male", "comedy", "comedy1"):
            (programmes / f"{name}.opus").touch()
    rows = [f"{number}.opus,{number // 2}" for number in range(8)]
    write_index(tmp_path / "free_music", "file,track", rows)
    rows = [f"{fold}-1-A.flac,{fold},dog" for fold in (1, 2, 3, 4)]
    write_index(tmp_path / "esc10", "file,fold,category", rows)
    for row in rows:
        sound = np.random.default_rng(0).normal(0, 0.1, 2 * 16_000)
        soundfile.write(tmp_path / "esc10" / row.partition(",")[0], sound, 16_000)
    return tmp_path


def write_index(folder: Path, head: str, rows: list[str]) -> None:
    folder.mkdir()
    (folder / "index.csv").write_text("\n".join([head, *rows]))


def sides(sources: list[Source]) -> dict[str, set[str]]:
    found = defaultdict(set)
    for source in sources:
        found[f"{source.kind} {source.group}"].add(source.side)
    return found


def test_what_belongs_together_lies_on_one_side(folder: Path) -> None:
    assert all(len(side) == 1 for side in sides(list_sources(folder)).values())


def test_both_sides_have_something_of_every_kind(folder: Path) -> None:
    counts = Counter((s.kind, s.side) for s in list_sources(folder))
    assert set(counts) == {(kind, side) for kind in KINDS for side in (FIT, HELD_OUT)}


def test_programmes_are_known_by_their_name_without_its_number(folder: Path) -> None:
    groups = {s.name: s.group for s in list_sources(folder, [SPEECH])}
    assert groups["speech/news1"] == groups["speech/news2"] == "news"
    assert groups["speech/comedy"] == groups["speech/comedy1"]


def test_the_fourth_fold_is_held_out(folder: Path) -> None:
    for source in list_sources(folder, [ENVIRONMENT]):
        assert (source.side == HELD_OUT) == (source.group == "fold 4")


def test_the_seed_decides_and_nothing_else(folder: Path) -> None:
    assert list_sources(folder) == list_sources(folder)
    drawn = {
        tuple(s.side for s in list_sources(folder, [SPEECH], seed=seed))
        for seed in range(8)
    }
    assert len(drawn) > 1


def test_music_is_music_and_nothing_else_is(folder: Path) -> None:
    musical = {s.kind for s in list_sources(folder) if s.music}
    assert musical == {MUSIC, FREE_MUSIC}


def test_the_frames_are_the_daemons(folder: Path, tmp_path: Path) -> None:
    source = list_sources(folder, [ENVIRONMENT])[0]
    (sound,) = load_sounds([source], SPEC, tmp_path / "cache")
    assert source.path is not None
    np.testing.assert_array_equal(sound.frames, compute_frames(source.path, SPEC))


def test_faster_recordings_reach_higher(folder: Path, tmp_path: Path) -> None:
    (source,) = [s for s in list_sources(folder, [ENVIRONMENT]) if s.side == HELD_OUT]
    (sound,) = load_sounds([source], SPEC, tmp_path / "cache")
    (faster,) = load_faster([source], SPEC, np.random.default_rng(0))
    assert len(faster.frames) < 0.9 * len(sound.frames)
    band = int(np.argmin(np.abs(centres_hz() - 9_000.0)))
    assert level(sound.frames, band) < -80
    assert level(faster.frames, band) > -50


def test_a_source_is_heard_at_its_speed(folder: Path, tmp_path: Path) -> None:
    source = list_sources(folder, [ENVIRONMENT])[0]
    slower = replace(source, speed=0.5)
    plain, stretched = load_sounds([source, slower], SPEC, tmp_path / "cache")
    assert len(stretched.frames) == pytest.approx(2 * len(plain.frames), abs=4)


def test_a_source_is_heard_with_what_is_beneath_it(
    folder: Path, tmp_path: Path
) -> None:
    one, other = list_sources(folder, [ENVIRONMENT])[:2]
    both = replace(one, beneath=(replace(other, speed=1.5), 0.0))
    alone, together = load_sounds([one, both], SPEC, tmp_path / "cache")
    assert together.frames.shape == alone.frames.shape
    assert np.abs(together.frames - alone.frames).max() > 3.0


def test_a_take_draws_the_same_whatever_else_is_listed() -> None:
    first, again = (SYNTHETIC_ONE.generator(1).random(4) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    others = SYNTHETIC_ONE.generator(2), replace(SYNTHETIC_ONE, name="b").generator(1)
    assert all(other.random() != first[0] for other in others)


def level(frames: NDArray[np.float32], band: int) -> float:
    return float(band_power(frames[None])[0, 0, band])


def test_windows_are_cut_at_equal_distances() -> None:
    frames = np.arange(100 * 128, dtype=np.float32).reshape(100, 128)
    windows = cut([Sound(SYNTHETIC_ONE, frames)], n_frames=40, every=20)
    assert windows.levels.shape == (4, 40, 128)
    assert windows.sources == (SYNTHETIC_ONE,) * 4
    np.testing.assert_array_equal(windows.levels[3], frames[60:])


def test_short_sounds_are_looped() -> None:
    frames = np.arange(30 * 128, dtype=np.float32).reshape(30, 128)
    windows = cut([Sound(SYNTHETIC_ONE, frames)], n_frames=40, every=20)
    np.testing.assert_array_equal(windows.levels[0, 30:], frames[:10])


def test_silence_is_nothing_to_learn_from() -> None:
    silent = Sound(SYNTHETIC_ONE, np.full((50, 128), -100.0, np.float32))
    with pytest.raises(ValueError, match="all sounds are silent"):
        cut([silent], n_frames=40, every=20)


@pytest.mark.parametrize("name", NOISES)
def test_noises_repeat_with_their_seed_and_differ_without(name: str) -> None:
    first, again, other = (
        NOISES[name](np.random.default_rng(seed), RATE, RATE) for seed in (1, 1, 2)
    )
    assert first.dtype == np.float32
    assert np.abs(first).max() == pytest.approx(1.0)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


@pytest.mark.parametrize("name", sorted(set(NOISES) - {"hum"}))
def test_synthetic_sounds_fill_the_top(tmp_path: Path, name: str) -> None:
    """They are the full-band company of recordings that end at 8 kHz; hum is low."""
    made = [s for s in list_sources(tmp_path, [SYNTHETIC]) if f"/{name}/" in s.name]
    for sound in load_sounds(made[:3], SPEC):
        assert level(sound.frames, -1) > sound.frames.max() - 80


def test_a_kind_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no kind 'birds'"):
        list_sources(tmp_path, ["birds"])


@pytest.mark.parametrize("kind", [SPEECH, ENVIRONMENT, FREE_MUSIC])
def test_recordings_that_are_missing_get_a_sentence(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigError, match="give the data folder"):
        list_sources(tmp_path, [kind])


@pytest.mark.data
def test_the_data_folder_gives_what_the_readme_of_the_data_says(data_dir: Path) -> None:
    counts = Counter(s.kind for s in list_sources(data_dir))
    assert counts[SPEECH] == 48
    assert counts[MUSIC] == 46
    assert counts[ENVIRONMENT] == 320
    assert counts[FREE_MUSIC] == 762
