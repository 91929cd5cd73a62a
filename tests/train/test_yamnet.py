"""YAMNet as a teacher: embeddings of recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.samples import read_samples
from genre_train.yamnet import SAMPLE_RATE, Yamnet

if TYPE_CHECKING:
    from pathlib import Path


def test_yamnet_gives_an_embedding_every_second(data_dir: Path) -> None:
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    rain = read_samples(data_dir / "esc10" / "1-17367-A-10.flac", SAMPLE_RATE)  # 5 s
    embeddings = yamnet.embed(rain, window_s=2.0, hop_s=1.0)
    assert embeddings.shape == (4, 1024)
    assert np.isfinite(embeddings).all()
    assert np.ptp(embeddings) > 0.1


def test_yamnet_hears_a_short_sound_with_silence_behind_it(data_dir: Path) -> None:
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    click = np.ones(100, np.float32)
    assert yamnet.embed(click, window_s=2.0, hop_s=1.0).shape == (1, 1024)


def test_another_model_is_not_taken_for_yamnet(tmp_path: Path) -> None:
    path = tmp_path / "yamnet.tflite"
    path.write_bytes(b"no model" * 100)
    with pytest.raises(ConfigError, match="cannot open the teacher"):
        Yamnet(path)
