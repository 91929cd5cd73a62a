"""The 57 summary features: against pure tones, and against the table on real music."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import AudioError
from genre_train.summary import FEATURES, RATE, pieces_of, summarise
from genre_train.systems.tablecheck import compare_with_table, render

if TYPE_CHECKING:
    from pathlib import Path


def test_the_columns_are_those_of_the_table() -> None:
    assert len(FEATURES) == 57
    assert FEATURES[:2] == ("chroma_stft_mean", "chroma_stft_var")
    assert FEATURES[16] == "tempo"
    assert FEATURES[-1] == "mfcc20_var"


def test_a_steady_tone_is_described_as_one() -> None:
    t = np.arange(2 * RATE) / RATE
    found = dict(
        zip(
            FEATURES,
            summarise(np.sin(2 * np.pi * 1000 * t).astype(np.float32)),
            strict=True,
        )
    )
    assert found["rms_mean"] == pytest.approx(np.sqrt(0.5), rel=0.03)
    assert found["zero_crossing_rate_mean"] == pytest.approx(2000 / RATE, rel=0.05)
    assert found["spectral_centroid_mean"] == pytest.approx(1000, rel=0.1)
    assert found["harmony_var"] > 20 * found["perceptr_var"]


def test_pieces_do_not_overlap_and_a_short_one_stays_whole() -> None:
    samples = np.arange(7 * RATE, dtype=np.float32)
    pieces = pieces_of(samples)
    assert [len(piece) for piece in pieces] == [3 * RATE, 3 * RATE]
    np.testing.assert_array_equal(np.concatenate(pieces), samples[: 6 * RATE])
    assert len(pieces_of(samples[:100])) == 1


def test_too_little_sound_is_refused() -> None:
    with pytest.raises(AudioError, match="too few for summary features"):
        summarise(np.zeros(1000, np.float32))


@pytest.mark.slow
@pytest.mark.data
def test_features_of_real_music_are_those_of_the_table(
    data_dir: Path, tmp_path: Path
) -> None:
    """Half a percent in the median, and 0.2 of a feature's spread at worst.

    The recordings were compressed and decoded again since the table was made, some at
    another rate; the definition is the same, or the tempo would not be exact.
    """
    clips = tmp_path / "clips"
    clips.mkdir()
    for name in ("train/rock.00000.flac", "train/reggae.00000.flac"):
        source = data_dir / "gtzan_clips" / name
        (clips / source.name).symlink_to(source)
    table = data_dir / "gtzan_features_30s_trainvalid.csv"
    agreement = compare_with_table(table, clips)
    assert np.median(agreement.relative) < 0.005
    assert agreement.standard.max() < 0.2
    tempo = FEATURES.index("tempo")
    assert agreement.relative[:, tempo].max() < 1e-5
    assert "2 recordings" in render(agreement)
