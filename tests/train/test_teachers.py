"""Teachers: what they learn from labelled windows, and say of those and others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.features.spec import FeatureSpec
from genre_train.dataset import DataSet, Windows
from genre_train.embeddings import TAGS, Embeddings, name_of, scores_of
from genre_train.heads import Heads
from genre_train.nomusic import FIT, FREE_MUSIC, Sound, Source
from genre_train.teachers import Teachers, even_out, pool

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SPEC = FeatureSpec()


def rows(
    rng: np.random.Generator, genre: int, count: int = 2, shift: float = 0.0
) -> dict[str, NDArray[np.float16]]:
    """Embeddings whose first three numbers tell the genre; nothing else does."""
    told = {}
    for tagger, tags in TAGS.items():
        values = shift + rng.normal(size=(count, 8))
        values[:, :3] += 6.0 * np.eye(3)[genre]
        told[tagger] = values.astype(np.float16)
        told[scores_of(tagger)] = np.full((count, len(tags)), 0.5, np.float16)
    return told


@dataclass(frozen=True)
class Known:
    """Sixty windows of two genres out of three, as others hear them, and recordings."""

    data: DataSet
    path: Path
    sounds: tuple[Sound, ...]
    """One of the first genre, one of the last."""


@pytest.fixture
def known(rng: np.random.Generator, tmp_path: Path) -> Known:
    patches = rng.normal(size=(60, 4, 4)).astype(np.float32)
    genre = np.arange(60) % 2 * 2
    windows = Windows(patches, genre, np.arange(60).astype(str))
    embedded = {
        name_of(patch): rows(rng, int(one))
        for patch, one in zip(patches, genre, strict=True)
    }
    sounds = []
    for number in (0, 2):
        name = f"free_music/{number}"
        # Recordings are no windows that were made to sound again: all is shifted.
        embedded[name] = rows(rng, number, count=9, shift=40.0)
        source = Source(name, FREE_MUSIC, FIT, str(number), None)
        sounds.append(Sound(source, np.zeros((400, 4), np.float32)))
    path = tmp_path / "embeddings.npz"
    Embeddings(embedded).save(path)
    nobody = Windows(np.zeros((1, 4, 4), np.float32), np.array([0]), np.array(["z"]))
    # A label that is no genre lies between the two others.
    labels = ("blues", "no_music", "rock")
    data = DataSet("x", "", labels, SPEC, "none", windows, nobody)
    return Known(data, path, tuple(sounds))


def test_recordings_are_named_as_the_windows_were(known: Known) -> None:
    told = Teachers(known.data, known.path).of_recordings(known.sounds)
    for (start, probabilities), label in zip(told, (0, 2), strict=True):
        assert start.tolist() == [round(k * 22_050 / 512) for k in range(9)]
        assert probabilities.shape == (9, 3)
        assert probabilities.sum(axis=1) == pytest.approx(1.0)
        assert (probabilities[:, 1] == 0.0).all()
        assert (probabilities.argmax(axis=1) == label).all()


def test_what_taggers_call_a_recording_counts(known: Known) -> None:
    embedded = dict(Embeddings.load(known.path).sounds)
    undecided = known.sounds[0].name, known.sounds[1].name
    for name in undecided:
        for tagger in TAGS:
            embedded[name] = {**embedded[name], tagger: np.zeros((9, 8), np.float16)}
    scores = embedded[undecided[1]][scores_of("musicnn")]
    scores[:, TAGS["musicnn"].index("classic rock")] = 0.9
    Embeddings(embedded).save(known.path)
    other, rock = Teachers(known.data, known.path).of_recordings(known.sounds)
    assert (rock[1][:, 2] > 0.6).all()
    assert (other[1][:, 2] < 0.4).all()


def test_windows_are_judged_by_those_that_were_not_shown_them(known: Known) -> None:
    right = Teachers(known.data, known.path).of_windows()
    assert (right.argmax(axis=1) == known.data.train.genre).all()
    # One window is called what it is not: the others' teachers do not believe it.
    genre = known.data.train.genre.copy()
    genre[0] = 2 - genre[0]
    wrong = replace(known.data, train=replace(known.data.train, genre=genre))
    told = Teachers(wrong, known.path).of_windows()
    assert told[0].argmax() == known.data.train.genre[0]


def test_what_is_labelled_no_music_is_left_so(known: Known) -> None:
    genre = known.data.train.genre.copy()
    genre[:10] = 1
    data = replace(known.data, train=replace(known.data.train, genre=genre))
    told = Teachers(data, known.path).of_windows()
    assert (told[:10] == [0.0, 1.0, 0.0]).all()
    assert (told[10:, 1] == 0.0).all()
    assert told.sum(axis=1) == pytest.approx(1.0)


def test_a_genre_that_was_never_shown_is_all_but_ruled_out(
    rng: np.random.Generator,
) -> None:
    genre = np.arange(20) % 2 * 2
    shown = [rows(rng, int(one)) for one in genre]
    heads = Heads.fit(shown, genre, 3, shown)
    said = heads.ask(rows(rng, 0))
    assert (said[:, 1] == said.min(axis=1)).all()
    assert np.isfinite(said).all()


def test_moments_that_agree_are_believed() -> None:
    said = np.log(np.tile(np.array([0.8, 0.2], np.float32), (4, 1)))
    sure = 0.8**1.5 / (0.8**1.5 + 0.2**1.5)
    assert pool(said)[:, 0] == pytest.approx(np.full(4, sure))


def test_a_moment_is_drawn_towards_its_recording() -> None:
    said = np.log(np.array([[0.9, 0.1]] * 5 + [[0.3, 0.7]], np.float32))
    together = pool(said)
    assert together[0, 0] > together[-1, 0] > 0.5


def test_opinions_are_distributions(rng: np.random.Generator) -> None:
    pooled = pool(np.log(rng.dirichlet(np.ones(10), size=12).astype(np.float32)))
    assert pooled.shape == (12, 10)
    assert pooled.sum(axis=1) == pytest.approx(1.0)


def test_no_genre_is_a_favourite(rng: np.random.Generator) -> None:
    said = [
        rng.dirichlet([4.0, 1.0, 1.0], size=5).astype(np.float32) for _ in range(40)
    ]
    even = even_out(said)
    share = np.mean([one.mean(axis=0) for one in even], axis=0)
    assert np.ptp(share) < 0.02
    for before, after in zip(said, even, strict=True):
        assert after.sum(axis=1) == pytest.approx(1.0)
        # Of two moments, that which was more of a genre still is.
        odds = [x[:, 0] / x[:, 1] for x in (before, after)]
        assert (np.argsort(odds[0]) == np.argsort(odds[1])).all()


def test_a_genre_that_is_never_named_is_not_made_up() -> None:
    said = [np.array([[0.9, 0.0999, 0.0001]], np.float32)] * 3
    assert even_out(said)[0][0, 2] < 0.01
