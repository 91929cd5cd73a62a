"""Audio files of every kind as sources; broken ones are in test_broken_audio."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.errors import AudioError
from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.pipeline import Pipeline
from genre_daemon.sources.audiofile import AudioFile, open_audio
from genre_daemon.sources.source import SourceEnded

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.messages import Verdict

RATE = 44_100


def tone(seconds: float, rate: int = RATE, channels: int = 2) -> NDArray[np.float32]:
    """Return 440 Hz at half of full scale, each channel half as loud as the last."""
    t = np.arange(round(seconds * rate)) / rate
    wave = 0.5 * np.sin(2 * np.pi * 440.0 * t)
    return np.stack([wave / 2**i for i in range(channels)], axis=1).astype(np.float32)


def hear(path: Path) -> tuple[int, NDArray[np.float32]]:
    """Return the rate and all samples of a file."""
    with open_audio(path) as (rate, blocks):
        return rate, np.concatenate(list(blocks))


def read_all(source: AudioFile) -> None:
    """Read a source to its end."""
    with contextlib.suppress(SourceEnded):
        while True:
            source.read()


def convert(source: Path, target: Path) -> None:
    """Have ffmpeg write another format, or skip where it is not installed."""
    if shutil.which("ffmpeg") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("ffmpeg is not installed")
        pytest.skip("ffmpeg is not installed")
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, target], check=True)


@pytest.mark.parametrize("kind", ["wav", "flac", "au", "aiff"])
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_lossless_files_give_their_samples_at_their_own_rate(
    tmp_path: Path, kind: str, rate: int, channels: int
) -> None:
    path = tmp_path / f"tone.{kind}"
    soundfile.write(path, tone(2.3, rate, channels), rate, subtype="PCM_16")

    heard_rate, heard = hear(path)

    assert heard_rate == rate
    assert np.allclose(heard, tone(2.3, rate, channels), atol=1 / 32_000)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tone.ogg", {}),
        ("tone.mp3", {}),
        ("tone.opus", {"format": "OGG", "subtype": "OPUS"}),
    ],
)
def test_lossy_files_are_heard_the_same_in_blocks_as_whole(
    tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(3.3, 48_000), 48_000, **options)

    rate, heard = hear(path)

    whole, _ = soundfile.read(path, dtype="float32")
    assert rate == 48_000
    assert np.array_equal(heard, np.clip(whole, -1.0, 1.0))


@pytest.mark.parametrize("kind", ["m4a", "wma", "mka"])
def test_other_formats_are_heard_through_ffmpeg(tmp_path: Path, kind: str) -> None:
    soundfile.write(tmp_path / "tone.wav", tone(3.0), RATE)
    path = tmp_path / f"-a tone, 100%d: {kind}.{kind}"
    convert(tmp_path / "tone.wav", path.parent / f"plain.{kind}")
    (path.parent / f"plain.{kind}").rename(path)

    rate, heard = hear(path)

    middle = heard[RATE : 2 * RATE, 0]
    assert rate == RATE
    assert heard.shape[1] == 2
    assert len(heard) / rate == pytest.approx(3.0, abs=0.1)
    assert np.argmax(np.abs(np.fft.rfft(middle))) == 440
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.05)


def test_without_ffmpeg_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "tone.wav", tone(1.0), RATE)
    convert(tmp_path / "tone.wav", tmp_path / "tone.m4a")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(AudioError, match=r"tone\.m4a .*run 'sudo apt install ffmpeg'"):
        hear(tmp_path / "tone.m4a")


def test_blocks_are_a_second_and_the_rest_and_then_it_is_over(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "tone.wav", tone(2.5), RATE)
    with AudioFile(tmp_path / "tone.wav") as source:
        lengths = [len(source.read().samples) for _ in range(3)]
        with pytest.raises(SourceEnded, match=r"tone\.wav is over"):
            source.read()

        assert (source.name, source.rate, source.overflows) == ("tone.wav", RATE, 0)
        assert lengths == [RATE, RATE, RATE // 2]
        assert source.duration_s == 2.5


def test_an_hour_takes_no_more_memory_than_a_second(tmp_path: Path) -> None:
    path = tmp_path / "hour.flac"
    with soundfile.SoundFile(path, "w", 8_000, 1) as file:
        for _ in range(60):
            file.write(np.zeros(8_000 * 60, np.float32))
    with AudioFile(path) as source:
        source.read()
        tracemalloc.start()
        read_all(source)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert source.duration_s == 3_600.0
    assert peak < 1_000_000


@pytest.mark.data
def test_real_music_of_every_format_is_read_to_its_end(data_dir: Path) -> None:
    paths = sorted((data_dir / "demo").rglob("*.*"))
    paths = [path for path in paths if path.suffix in (".ogg", ".mp3")]
    assert paths
    for path in paths:
        with AudioFile(path) as source:
            read_all(source)
            told_s = soundfile.info(path).duration
            assert source.duration_s == pytest.approx(told_s, abs=0.1)


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, 22_050), min_size=1, max_size=6))
def test_a_file_gives_the_verdicts_of_its_samples_however_these_are_cut(
    cuts: list[int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    bundle = read_bundle(SHIPPED)
    rate = bundle.info.spec.sample_rate
    rng = np.random.default_rng(440)
    samples = tone(8.0, rate, 1) + rng.normal(0, 0.05, (8 * rate, 1)).astype(np.float32)
    path = tmp_path_factory.mktemp("cut") / "tone.wav"
    soundfile.write(path, samples, rate, subtype="FLOAT")
    by_file, by_hand = Pipeline(bundle, rate), Pipeline(bundle, rate)

    with open_audio(path) as (_, blocks):
        expected = [verdict for block in blocks for verdict in by_file.push(block)]
    verdicts: list[Verdict] = []
    start, turn = 0, 0
    while start < len(samples):
        stop = start + cuts[turn % len(cuts)]
        verdicts += by_hand.push(samples[start:stop])
        start, turn = stop, turn + 1

    assert len(expected) == 3
    assert [v.genre for v in verdicts] == [v.genre for v in expected]
    for ours, theirs in zip(verdicts, expected, strict=True):
        assert ours.time_s == theirs.time_s
        assert np.array_equal(
            ours.prediction.probabilities, theirs.prediction.probabilities
        )
