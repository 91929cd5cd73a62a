"""The arrays and the daemon's own features, on real recordings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.test_arrays import write

from genre_daemon.errors import ConfigError
from genre_daemon.features.patches import fill_patch
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_train.agreement import TrackAgreement, compare_tracks, same_top1
from genre_train.metrics import Share

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.data

RESAMPLED = frozenset(
    [
        "blues.00093",
        "country.00094",
        "hiphop.00087",
        "metal.00098",
        "reggae.00096",
        "rock.00079",
    ]
)
"""Kept at 44.1 kHz: whoever made the arrays resampled them with another filter."""


@pytest.fixture(scope="module")
def tracks(data_dir: Path) -> list[TrackAgreement]:
    return compare_tracks(
        data_dir / "gtzan_logmel_trainvalid.npz", data_dir / "gtzan_clips"
    )


def test_all_33_recordings_are_compared(tracks: list[TrackAgreement]) -> None:
    assert len(tracks) == 33
    assert {t.track for t in tracks} >= RESAMPLED


def test_features_agree_to_the_rounding_of_the_arrays(
    tracks: list[TrackAgreement],
) -> None:
    # Float16 near 4 standard deviations has steps of 0.002, and one is about 17 dB.
    for t in tracks:
        if t.track not in RESAMPLED:
            assert t.max_db < 0.03, t.track
            assert t.median_db < 0.003, t.track


def test_features_of_resampled_recordings_agree_but_for_a_few_cells(
    tracks: list[TrackAgreement],
) -> None:
    for t in tracks:
        if t.track in RESAMPLED:
            assert t.median_db < 0.05, t.track
            assert t.correlation > 0.9995, t.track


def test_the_shipped_model_says_the_same_of_both(tracks: list[TrackAgreement]) -> None:
    bundle = read_bundle(SHIPPED)
    classifier, spec = Classifier(bundle), bundle.info.spec

    def named(window: NDArray[np.float32]) -> int:
        return int(classifier.logits(fill_patch(window, spec.patch_frames)).argmax())

    same = sum(named(t.array) == named(t.heard) for t in tracks)
    assert same >= 32


class Bands:
    """Stands in for a network: the logits are the mean levels of groups of bands."""

    def predict(self, chunks: NDArray[np.float32], **_: object) -> NDArray[np.float32]:
        """Answer as a Keras network does."""
        assert chunks.shape[1:] == (86, 128, 1)
        grouped = chunks.reshape(len(chunks), 86, 16, 8)
        return np.asarray(grouped.mean(axis=(1, 3)), np.float32)


def test_a_network_is_asked_about_both(tracks: list[TrackAgreement]) -> None:
    spec = FeatureSpec()
    assert same_top1(Bands(), tracks, spec) == Share(33, 33)
    turned = [replace(t, heard=t.heard[:, ::-1]) for t in tracks[:5]]
    assert same_top1(Bands(), [*turned, *tracks[5:]], spec) == Share(28, 33)


def test_recordings_of_other_tracks_are_no_comparison(
    data_dir: Path, tmp_path: Path
) -> None:
    arrays = write(tmp_path / "x.npz")
    with pytest.raises(ConfigError, match=r"named after a track.*as a\.0\.flac"):
        compare_tracks(arrays, data_dir / "gtzan_clips")
