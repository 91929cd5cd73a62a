"""Whether the arrays and the daemon's own features say the same.

Both are made comparable first. A centred frame ``i`` of the arrays is frame ``i - 2``
of the daemon, which pads nothing: both span the same samples when the window is four
hops long. The daemon's levels are clipped 80 dB under the maximum of the whole
recording, as the arrays were, and both are standardised over the same frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.features.patches import standardise
from genre_daemon.features.spec import FeatureSpec
from genre_train.arrays import FIRST_FRAME, read_arrays
from genre_train.dataset import Windows
from genre_train.features import compute_frames
from genre_train.metrics import Share, share
from genre_train.predicting import predict
from genre_train.samples import recordings_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class TrackAgreement:
    """One recording, its array against the daemon's features."""

    track: str
    median_db: float
    """Median absolute difference, in decibels of the recording."""
    max_db: float
    """Largest absolute difference, in decibels of the recording."""
    correlation: float
    """Pearson's, over all frames and bands."""
    array: NDArray[np.float32]
    """Window of the array, shape (n_frames, n_mels), standardised."""
    heard: NDArray[np.float32]
    """The same window as the daemon makes it, with its own clipping."""


def compare_tracks(arrays_path: Path, clips: Path) -> list[TrackAgreement]:
    """Recompute every recording that an arrays file and a folder have in common.

    Parameters
    ----------
    clips : Path
        Folder of audio files named after their track, at any depth.

    Raises
    ------
    ConfigError
        If they have none in common.
    AudioError
        If a recording cannot be read.
    """
    arrays = read_arrays(arrays_path)
    place = {str(track): i for i, track in enumerate(arrays["track"])}
    files = recordings_of(clips, place, arrays_path)
    spec = FeatureSpec()
    return [
        _compare(path.stem, arrays["logmel"][place[path.stem]], path, spec)
        for path in files
    ]


def _compare(
    track: str, logmel: NDArray[np.generic], path: Path, spec: FeatureSpec
) -> TrackAgreement:
    stored = logmel[:, FIRST_FRAME:].T.astype(np.float32)
    frames = compute_frames(path, spec)
    own = np.maximum(frames, frames.max() - np.float32(spec.top_db))[: len(stored)]
    stored = stored[: len(own)]
    deviation = float(own.std())
    array = standardise(stored, spec.top_db)
    difference = np.abs(standardise(own, spec.top_db) - array) * deviation
    return TrackAgreement(
        track=track,
        median_db=float(np.median(difference)),
        max_db=float(difference.max()),
        correlation=float(np.corrcoef(own.ravel(), stored.ravel())[0, 1]),
        array=array,
        heard=standardise(frames[: len(stored)], spec.top_db),
    )


def same_top1(
    model: Any,  # noqa: ANN401 - keras is untyped
    tracks: Sequence[TrackAgreement],
    spec: FeatureSpec,
) -> Share:
    """Count recordings that a network names alike from the array and as heard."""
    names = np.array([track.track for track in tracks])
    nothing = np.zeros(len(tracks), np.int64)
    named = [
        predict(model, Windows(np.stack(windows), nothing, names), spec).argmax(axis=1)
        for windows in ([t.array for t in tracks], [t.heard for t in tracks])
    ]
    return share(named[0] == named[1])


def render(tracks: Sequence[TrackAgreement]) -> str:
    """Write a line a recording, and a summary."""
    lines = [f"{'track':20} {'median dB':>10} {'max dB':>8} {'correlation':>12}"]
    lines += [
        f"{t.track:20} {t.median_db:10.4f} {t.max_db:8.3f} {t.correlation:12.7f}"
        for t in tracks
    ]
    median = np.median([t.median_db for t in tracks])
    lines.append(
        f"{len(tracks)} tracks: median {median:.4f} dB, "
        f"max {max(t.max_db for t in tracks):.3f} dB, "
        f"lowest correlation {min(t.correlation for t in tracks):.7f}"
    )
    return "\n".join(lines)
