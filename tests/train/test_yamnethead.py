"""The genres by YAMNet's ears: embeddings of windows that are made to sound again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.features.logmel import LogMel
from genre_daemon.features.patches import standardise
from genre_daemon.features.spec import FeatureSpec
from genre_train.dataset import Windows
from genre_train.sounding import sound_again
from genre_train.yamnet import Yamnet
from genre_train.yamnethead import YamnetHead

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SPEC = FeatureSpec()


def window_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return standardise(LogMel(SPEC).push(samples), SPEC.top_db)


def tone(hz: float) -> NDArray[np.float32]:
    """Three seconds of a tone with harmonics, over a little noise."""
    t = np.arange(3 * SPEC.sample_rate) / SPEC.sample_rate
    sound = sum(np.sin(2 * np.pi * hz * k * t) / k for k in (1, 2, 3))
    hiss = np.random.default_rng(0).normal(0, 0.01, len(t))
    return np.asarray(0.2 * sound + hiss, np.float32)


def rumble() -> NDArray[np.float32]:
    """Three seconds of noise that falls by 6 dB an octave."""
    noise = np.cumsum(np.random.default_rng(0).normal(size=3 * SPEC.sample_rate))
    slow = np.convolve(noise, np.ones(500) / 500, "same")
    return np.asarray((noise - slow) / np.abs(noise).max(), np.float32)


def test_a_window_sounds_like_what_it_was_made_of() -> None:
    window = window_of(rumble())
    again = window_of(sound_again(window, SPEC, SPEC.sample_rate))
    alike = np.corrcoef(again.mean(axis=0), window.mean(axis=0))[0, 1]
    assert alike > 0.9


def test_a_window_sounds_the_same_twice() -> None:
    window = window_of(tone(440.0))
    first, second = (sound_again(window, SPEC, 16_000) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.abs(first).max() == pytest.approx(0.5)


def test_it_learns_to_tell_sounds_by_their_embeddings(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    patches = np.stack([window_of(tone(hz)) for hz in (110, 130, 1500, 1800)])
    windows = Windows(patches, np.array([0, 0, 2, 2]), np.array(list("abcd")))
    head = YamnetHead(windows, 3, yamnet, SPEC)
    new = [
        yamnet.embed(sound_again(window_of(tone(hz)), SPEC, 16_000))
        for hz in (120, 1600)
    ]
    said = head.ask(np.stack([x.mean(axis=0, dtype=np.float32) for x in new]))
    assert said.argmax(axis=1).tolist() == [0, 2]
    assert said[:, 1] == pytest.approx(0.0)  # of a genre that was not shown
