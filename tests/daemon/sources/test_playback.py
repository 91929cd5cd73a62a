"""A recording that plays as if it were in the room."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from genre_daemon.errors import AudioError
from genre_daemon.sources.playback import Playback
from genre_daemon.sources.source import SourceFinished

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 8_000


def hear(source: Playback) -> NDArray[np.float32]:
    """Return all samples of a recording."""
    heard = []
    with source, contextlib.suppress(SourceFinished):
        while True:
            block = source.read(1.0)
            if block is not None:
                heard.append(block.samples)
    return np.concatenate(heard)


def test_a_recording_takes_its_time_and_can_be_played_again(tmp_path: Path) -> None:
    ramp = np.linspace(-0.5, 0.5, round(1.3 * RATE)).astype(np.float32)
    soundfile.write(tmp_path / "ramp.wav", ramp, RATE, subtype="FLOAT")
    source = Playback(tmp_path / "ramp.wav")
    assert (source.name, source.rate) == ("ramp.wav", RATE)

    began = time.monotonic()
    first = hear(source)
    assert time.monotonic() - began >= 1.3
    assert np.array_equal(first[:, 0], ramp)
    assert np.array_equal(hear(source), first)


def test_a_recording_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"there is no file .*none\.wav"):
        Playback(tmp_path / "none.wav")
