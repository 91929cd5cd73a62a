"""YAMNet as a teacher: what it makes of recordings, and calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.samples import read_samples
from genre_train.yamnet import SAMPLE_RATE, TAGS, Yamnet

if TYPE_CHECKING:
    from pathlib import Path


def test_yamnet_gives_an_embedding_every_second(data_dir: Path) -> None:
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    rain = read_samples(data_dir / "esc10" / "1-17367-A-10.flac", SAMPLE_RATE)  # 5 s
    embeddings, scores = yamnet.hear(rain, window_s=2.0, hop_s=1.0)
    assert embeddings.shape == (4, 1024)
    assert np.isfinite(embeddings).all()
    assert np.ptp(embeddings) > 0.1
    assert scores.shape == (4, len(TAGS))
    assert scores.max() < 0.1  # rain is none of these genres


def test_yamnet_hears_a_short_sound_with_silence_behind_it(data_dir: Path) -> None:
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    click = np.ones(100, np.float32)
    told = yamnet.hear(click, window_s=2.0, hop_s=1.0)
    assert told.embeddings.shape == (1, 1024)
    assert told.scores.shape == (1, len(TAGS))


@pytest.mark.parametrize("piece", ["hungarian_dance.ogg", "sugar_plum.ogg"])
def test_yamnet_calls_an_orchestra_classical(data_dir: Path, piece: str) -> None:
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    samples = read_samples(data_dir / "demo" / piece, SAMPLE_RATE)[: 30 * SAMPLE_RATE]
    scores = yamnet.hear(samples, window_s=2.0, hop_s=1.0).scores
    assert TAGS[scores.mean(axis=0).argmax()] == "Classical music"


def test_another_model_is_not_taken_for_yamnet(tmp_path: Path) -> None:
    path = tmp_path / "yamnet.tflite"
    path.write_bytes(b"no model" * 100)
    with pytest.raises(ConfigError, match="cannot open the teacher"):
        Yamnet(path)
