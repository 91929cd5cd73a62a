"""Audio files that are broken, or none: each gets one clear sentence."""

from __future__ import annotations

import logging
import os
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.daemon.sources.test_audiofile import RATE, hear, tone

from genre_daemon.errors import AudioError

if TYPE_CHECKING:
    from pathlib import Path


def patched(path: Path, at: int, data: bytes) -> Path:
    """Overwrite bytes of a file."""
    content = bytearray(path.read_bytes())
    content[at : at + len(data)] = data
    path.write_bytes(content)
    return path


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"there is no file .*none\.wav: check"):
        hear(tmp_path / "none.wav")


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="is a folder: name the files in it"):
        hear(tmp_path)


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")

    with pytest.raises(AudioError, match="is no regular file"):
        hear(tmp_path / "pipe.wav")


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()

    with pytest.raises(AudioError, match=r"empty\.wav is empty"):
        hear(tmp_path / "empty.wav")


def test_a_file_without_samples_is_told(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "none.wav", tone(0.0), RATE)

    with pytest.raises(AudioError, match=r"none\.wav holds no samples"):
        hear(tmp_path / "none.wav")


@pytest.mark.parametrize("name", ["letter.wav", "letter.raw", "letter.mp3", "letter"])
def test_what_is_no_audio_is_told_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Dear Sir or Madam,\n" * 200)
    expected = "no audio file" if shutil.which("ffmpeg") else "need ffmpeg"

    with pytest.raises(AudioError, match=expected):
        hear(tmp_path / name)


@pytest.mark.parametrize(("kind", "at"), [("wav", 24), ("au", 16)])
def test_a_rate_of_0_hz_in_the_header_is_told(
    tmp_path: Path, kind: str, at: int
) -> None:
    path = tmp_path / f"tone.{kind}"
    soundfile.write(path, tone(1.0), RATE)

    with pytest.raises(AudioError, match=r"impossible header \(a rate of 0 Hz"):
        hear(patched(path, at, bytes(4)))


@pytest.mark.parametrize("rate", [1, 3_999, 384_001, 2**31 - 1])
def test_an_absurd_rate_is_told_with_those_accepted(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(1.0), RATE)

    with pytest.raises(AudioError, match=rf"{rate} Hz: 4000 to 384000 Hz are accepted"):
        hear(patched(path, 24, rate.to_bytes(4, "little")))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_told_with_its_second(
    tmp_path: Path, value: float
) -> None:
    samples = tone(4.0)
    samples[round(2.5 * RATE), 1] = value
    soundfile.write(tmp_path / "bad.wav", samples, RATE, subtype="FLOAT")

    with pytest.raises(AudioError, match=r"no number \((nan|-?inf)\) at 2\.500 s"):
        hear(tmp_path / "bad.wav")


def test_integers_written_as_floats_are_told(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "big.wav", 32_767 * tone(1.0), RATE, subtype="FLOAT")

    with pytest.raises(AudioError, match="full scale is 1, so divide"):
        hear(tmp_path / "big.wav")


def test_what_overshoots_full_scale_a_little_is_clipped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loud.wav", 2.4 * tone(1.0), RATE, subtype="FLOAT")

    assert np.abs(hear(tmp_path / "loud.wav")[1]).max() == 1.0


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3", "au"])
def test_of_a_truncated_file_what_there_is_is_heard(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    noise = np.random.default_rng(440).uniform(-0.5, 0.5, (6 * RATE, 1))
    path = tmp_path / f"noise.{kind}"
    soundfile.write(path, noise.astype(np.float32), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with caplog.at_level(logging.WARNING):
        rate, heard = hear(path)

    # Up to a second before the place of the damage goes with it.
    assert 1.9 < len(heard) / rate < 3.3
