"""What each system is shown of what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.songs import write_collection

from genre_daemon.errors import ConfigError
from genre_train.systems.inputs import Sources
from genre_train.systems.pictures import grey_image, resize_frames
from genre_train.systems.piecefeatures import piece_features
from genre_train.systems.registry import SYSTEMS
from genre_train.systems.table import read_table

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.systems.material import Material

SHAPES = {
    "flat-cnn": [(128, 128, 1)],
    "flat-cnn-first": [(128, 128, 1)],
    "flat-cnn-2x2": [(128, 128, 1)],
    "feature-cnn": [(57,)],
    "image-cnn": [(128, 128, 1)],
    "mfcc-lstm": [(128, 13)],
    "feature-mlp": [(57,)],
    "hybrid": [(128, 128, 3), (57,)],
    "feature-dnn": [(46,)],
    "time-axis-cnn": [(128, 128)],
}


@pytest.mark.parametrize(("name", "shapes"), SHAPES.items())
def test_arrays_and_table_give_each_system_its_input(
    sources: Sources, name: str, shapes: list[tuple[int, ...]]
) -> None:
    examples = SYSTEMS[name].material(sources, clips=False).examples
    assert [array.shape[1:] for array in examples.inputs] == shapes
    assert len(examples) == 30
    assert all(np.isfinite(array).all() for array in examples.inputs)
    assert {array.dtype for array in examples.inputs} == {np.dtype(np.float32)}


def test_recordings_give_whole_tracks_and_pieces(tmp_path: Path) -> None:
    folder = write_collection(tmp_path / "music", per_genre=2, seconds=6.5)
    sources = Sources.of([folder], cache=tmp_path / "cache")

    def material(name: str) -> Material:
        return SYSTEMS[name].material(sources, clips=False)

    summary, pieces = material("feature-mlp"), material("feature-dnn")
    assert summary.examples.inputs[0].shape == (6, 57)
    assert pieces.examples.inputs[0].shape == (12, 57)
    assert material("time-axis-cnn").examples.inputs[0].shape == (6, 128, 128)
    assert summary.labels == ("bells", "drone", "drums")
    assert summary.held_out.sum() == 3
    again = material("feature-mlp")  # from the cache
    np.testing.assert_array_equal(summary.examples.inputs[0], again.examples.inputs[0])


def test_a_damaged_cache_is_not_believed(tmp_path: Path) -> None:
    folder = write_collection(tmp_path / "music", per_genre=2, seconds=1.5)
    sources = Sources.of([folder], cache=tmp_path / "cache")
    before = SYSTEMS["feature-mlp"].material(sources, clips=False)
    for path in (tmp_path / "cache").rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:-40])
    after = SYSTEMS["feature-mlp"].material(sources, clips=False)
    np.testing.assert_array_equal(before.examples.inputs[0], after.examples.inputs[0])


def test_what_a_system_lacks_is_named(sources: Sources) -> None:
    table_only = Sources(table=sources.table)
    with pytest.raises(ConfigError, match=r"flat-cnn: .*log-mel arrays.*--data"):
        SYSTEMS["flat-cnn"].material(table_only, clips=False)
    with pytest.raises(ConfigError, match=r"hybrid: .*table of features"):
        SYSTEMS["hybrid"].material(Sources(arrays=sources.arrays), clips=False)


def test_two_of_a_kind_are_refused(sources: Sources) -> None:
    assert sources.table is not None
    with pytest.raises(ConfigError, match="both table: give one of a kind"):
        Sources.of([sources.table, sources.table])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("tempo", "pulse"), "lacks the column 'tempo'"),
        ((",valid", ",train"), "must have rows of both splits"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_of(
    sources: Sources, tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    assert sources.table is not None
    path = tmp_path / "table.csv"
    path.write_text(sources.table.read_text().replace(*change))
    with pytest.raises(ConfigError, match=message):
        read_table(path)


def test_a_picture_has_256_greys_and_its_lowest_band_at_the_bottom() -> None:
    window = np.zeros((1, 128, 128), np.float32)
    window[0, :, 0] = 5.0
    picture = grey_image(window, 128)
    assert picture.shape == (1, 128, 128, 1)
    assert (picture[0, -1] == 1).all()
    assert (picture[0, :-1] == 0).all()
    noise = np.random.default_rng(0).normal(size=(1, 64, 128)).astype(np.float32)
    levels = grey_image(noise, 128) * 255
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-4)


@pytest.mark.parametrize("frames", [64, 128, 1289])
def test_resizing_keeps_what_is_steady(frames: int) -> None:
    window = np.tile(np.arange(4, dtype=np.float32), (1, frames, 1))
    resized = resize_frames(window, 128)
    assert resized.shape == (1, 128, 4)
    np.testing.assert_allclose(resized[0, 17], np.arange(4))


def test_features_of_a_piece_follow_where_the_energy_is() -> None:
    window = np.full((2, 20, 128), -3.0, np.float32)
    window[0, :, 30] = window[1, :, 90] = 3.0
    features = piece_features(window)
    assert features.shape == (2, 46)
    centroid = features[:, 0]
    assert 25 < centroid[0] < 60 < centroid[1] < 95
    np.testing.assert_allclose(features[:, 1], 0, atol=1e-6)  # steady in time
