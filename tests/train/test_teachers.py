"""What teachers say together: pooled opinions, of networks and of YAMNet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train.nomusic import MUSIC, list_sources
from genre_train.teachers import CLASSES, Network, as_sure, make_soft_labels, pool
from genre_train.yamnet import Yamnet

SHIPPED = Path(__file__).parents[2] / "train" / "runs" / "gtzan-compact"

NOTHING = np.ones(2, np.float32)


def test_networks_that_agree_are_believed() -> None:
    said = np.tile(np.array([0.8, 0.2], np.float32), (3, 4, 1))
    assert pool(said, NOTHING) == pytest.approx(np.tile([0.8, 0.2], (4, 1)))


def test_a_window_is_drawn_towards_its_recording() -> None:
    said = np.array([[[0.9, 0.1]] * 5 + [[0.3, 0.7]]], np.float32)
    together = pool(said, NOTHING)
    assert together[0, 0] > together[-1, 0] > 0.5


def test_what_a_teacher_rules_out_is_out() -> None:
    said = np.array([[[0.99, 0.01]], [[0.0, 1.0]]], np.float32)
    assert pool(said, NOTHING)[0, 0] < 0.3


def test_yamnet_shifts_what_networks_leave_open() -> None:
    said = np.full((1, 1, 2), 0.5, np.float32)
    assert pool(said, np.array([1.0, 0.1], np.float32))[0, 0] > 0.7


def test_opinions_are_distributions(rng: np.random.Generator) -> None:
    said = rng.dirichlet(np.ones(10), size=(2, 12)).astype(np.float32)
    pooled = pool(said, rng.random(10, dtype=np.float32))
    assert pooled.shape == (12, 10)
    assert pooled.sum(axis=1) == pytest.approx(1.0)


def test_scores_are_judged_by_genre() -> None:
    loud, quiet = np.linspace(0, 1, 101), np.linspace(0, 0.01, 101)
    sure = as_sure(np.stack([loud, quiet, np.zeros(101)], axis=1).astype(np.float32))
    assert sure[:, 0] == pytest.approx(sure[:, 1])
    assert sure[-1, 0] == pytest.approx(1.0)
    assert (sure[:, 2] == 1.0).all()  # YAMNet has no opinion of such a genre


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
    scores = yamnet.scores(music.path)
    assert scores.shape == (521,)
    assert scores.argmax() == 132  # "Music" in its list of classes
