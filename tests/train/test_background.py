"""Sound without a genre: windows of no music, and of music nobody has named."""

from __future__ import annotations

import numpy as np
import pytest
from tests.train.test_variation import OFF

from genre_train.augment import AugmentSettings, standardise_batch
from genre_train.background import Background, Piece
from genre_train.batching import Batches, Scenery
from genre_train.dataset import Windows
from genre_train.losses import any_genre

LABELS = ("blues", "jazz", "no_music")


@pytest.fixture
def background(rng: np.random.Generator) -> Background:
    long, short = (
        (10 * rng.normal(size=(n, 128)) - 40).astype(np.float32) for n in (300, 20)
    )
    unknown = Piece(long, np.zeros(1, np.int64), any_genre(LABELS)[None])
    no_music = {"speech": [long], "environment": [short]}
    return Background(no_music, [unknown], n_frames=48)


def test_windows_have_the_length_asked_for_even_of_short_sounds(
    background: Background, rng: np.random.Generator
) -> None:
    assert background.draw_no_music(rng, 9).shape == (9, 48, 128)
    levels, targets = background.draw_music(rng, 3)
    assert levels.shape == (3, 48, 128)
    assert np.array_equal(targets, np.tile(any_genre(LABELS), (3, 1)))
    assert background.draw_no_music(rng, 0).shape == (0, 48, 128)


def test_the_same_seed_draws_the_same(background: Background) -> None:
    one, two = (background.draw_no_music(np.random.default_rng(4), 6) for _ in range(2))
    assert np.array_equal(one, two)


def test_a_batch_holds_labelled_windows_no_music_and_music_of_any_genre(
    background: Background, rng: np.random.Generator
) -> None:
    windows = Windows(
        rng.normal(size=(5, 60, 128)).astype(np.float32),
        np.array([0, 1, 0, 1, 0]),
        np.array(list("abcde")),
    )
    settings, scenery = AugmentSettings(mix_styles=0.0, mixup=0.0), Scenery(background)
    batches = Batches(windows, 48, LABELS, settings, 4, 0.1, 2, 2, scenery)
    drawn = list(batches.draw(rng))
    assert len(drawn) == len(batches) == 2
    assert [batch.shape for batch, _ in drawn] == [(8, 48, 128), (5, 48, 128)]
    for batch, targets in drawn:
        assert np.isfinite(batch).all()
        assert targets[-4:-2, 2] == pytest.approx(1.0)  # no music
        assert np.array_equal(targets[-2:], np.tile(any_genre(LABELS), (2, 1)))
    seen = np.concatenate([targets[:-4].argmax(axis=1) for _, targets in drawn])
    assert sorted(seen.tolist()) == [0, 0, 0, 1, 1]


def test_a_window_of_music_has_the_soft_label_nearest_to_its_beginning(
    rng: np.random.Generator,
) -> None:
    frames = np.tile(np.arange(300, dtype=np.float32)[:, None], (1, 128))
    soft = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]], np.float32)
    piece = Piece(frames, np.array([0, 252]), soft)
    background = Background({"speech": [frames]}, [piece], n_frames=48)
    levels, targets = background.draw_music(rng, 40)
    late = levels[:, 0, 0] > 126
    assert 0 < late.sum() < 40
    assert np.array_equal(targets, soft[late.astype(int)])


def test_music_with_soft_labels_is_mixed_like_labelled_music(
    rng: np.random.Generator,
) -> None:
    frames = rng.normal(size=(300, 128)).astype(np.float32)
    soft = Piece(frames, np.zeros(1, np.int64), np.array([[0.25, 0.75, 0.0]], "f4"))
    background = Background({"speech": [frames]}, [soft], n_frames=48)
    windows = Windows(
        rng.normal(size=(8, 48, 128)).astype(np.float32),
        np.zeros(8, np.int64),
        np.array(list("abcdefgh")),
    )
    settings, scenery = AugmentSettings(mixup=0.5), Scenery(background)
    batches = Batches(windows, 48, LABELS, settings, 8, 0.0, 4, 4, scenery)
    ((_, targets),) = batches.draw(rng)
    assert targets.shape == (16, 3)
    assert targets.sum(axis=1) == pytest.approx(1.0)
    assert not np.allclose(targets[-4:], [0.25, 0.75, 0.0], atol=1e-3)


def test_without_a_background_there_are_only_labelled_windows(
    rng: np.random.Generator,
) -> None:
    windows = Windows(
        rng.normal(size=(3, 48, 128)).astype(np.float32),
        np.array([0, 1, 0]),
        np.array(list("abc")),
    )
    batches = Batches(windows, 48, LABELS[:2], AugmentSettings(), 8, 0.1, 8, 8)
    ((batch, targets),) = batches.draw(rng)
    assert batch.shape == (3, 48, 128)
    assert targets.sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize("chunk_frames", [20, 48, 86])
def test_a_labelled_window_is_shown_as_a_chunk_of_its_loop(
    rng: np.random.Generator, chunk_frames: int
) -> None:
    patch = rng.uniform(-1, 1, (48, 128)).astype(np.float32)
    windows = Windows(patch[None], np.array([0]), np.array(["a"]))
    batches = Batches(windows, chunk_frames, LABELS[:2], OFF, 8, 0.0)
    loop = np.tile(patch, (4, 1))
    chunks = standardise_batch(
        np.stack([loop[start : start + chunk_frames] for start in range(48)])
    )
    begun = set()
    for _ in range(8):
        ((batch, _),) = batches.draw(rng)
        assert batch.shape == (1, chunk_frames, 128)
        same = np.isclose(chunks, batch, atol=1e-4).all(axis=(1, 2))
        assert same.sum() == 1
        begun.add(int(same.argmax()))
    assert len(begun) > 1
