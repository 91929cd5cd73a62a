"""Teachers of music that nobody has labelled: networks, and YAMNet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.nomusic import MUSIC, list_sources
from genre_train.teachers import CLASSES, Network, make_soft_labels
from genre_train.yamnet import Yamnet

SHIPPED = Path(__file__).parents[2] / "train" / "runs" / "gtzan-compact"


def test_the_file_must_be_in_a_folder_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--out must name an \.npz file"):
        make_soft_labels(tmp_path, [SHIPPED], tmp_path / "no" / "soft.npz")


@pytest.mark.slow
def test_a_run_is_asked_about_its_genres_only(rng: np.random.Generator) -> None:
    network = Network.open(SHIPPED)
    assert set(network.genres) == set(CLASSES)
    said = network.ask(rng.normal(size=(3, 128, 128)).astype(np.float32))
    assert said.shape == (3, 10)
    assert said.sum(axis=1) == pytest.approx(1.0)


def test_yamnet_knows_music_when_it_hears_it(data_dir: Path) -> None:
    yamnet = Yamnet(data_dir / "yamnet" / "yamnet.tflite")
    music = list_sources(data_dir, (MUSIC,))[0]
    assert music.path is not None
    heard = yamnet.hear_file(music.path)
    assert heard.scores.shape == (521,)
    assert heard.scores.argmax() == 132  # "Music" in its list of classes
