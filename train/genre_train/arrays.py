"""The arrays file: log-mel spectrograms of the first 3 s of many tracks.

Conventions
-----------
``logmel`` float16 [n, mel band, frame], ``track``, ``genre`` and ``split`` (``train``
or ``valid``), one entry a track. The levels are standardised decibels: made with
centred frames and ``power_to_db(ref=max, top_db=80)`` over the whole track, less that
track's mean, over its deviation. Standardising a window again cancels any gain and
offset, so that the units do not matter. What does not cancel is the clipping: here 80
dB under the loudest moment of the *track*, in the daemon 80 dB under that of the
*patch*. The daemon's own clip, applied to standardised values that never span 80
units, does nothing; where the opening of a track is quieter than the rest, the arrays
were clipped at a higher floor than the daemon would.
"""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.patches import standardise
from genre_daemon.features.spec import FeatureSpec
from genre_train.dataset import TRAIN, VALID, DataSet, Windows

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FIRST_FRAME = 2
"""Frames 0 and 1 hold the padding of centred frames: half a window before the start."""

_MIN_FRAMES = 34  # what a network can halve five times, and the padding
_NAMES = ("logmel", "track", "genre", "split")


def read_arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read the arrays as they are stored.

    Raises
    ------
    ConfigError
        If the file is missing, damaged, or holds other arrays.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = sorted(set(_NAMES) - set(archive.files))
            if missing:
                raise ConfigError(
                    f"{path} lacks the array {missing[0]!r}: an arrays file has "
                    f"{', '.join(_NAMES)}"
                )
            arrays = {name: archive[name] for name in _NAMES}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise ConfigError(f"cannot read the arrays file {path}: {error}") from error
    logmel, n_mels = arrays["logmel"], FeatureSpec().n_mels
    lengths = {len(arrays[name]) for name in _NAMES}
    if logmel.ndim != 3 or logmel.shape[1] != n_mels or len(lengths) != 1:  # noqa: PLR2004 - axes
        raise ConfigError(
            f"{path}: logmel must have the shape (tracks, {n_mels}, frames) and the "
            f"other arrays one entry a track, got {logmel.shape} and {sorted(lengths)}"
        )
    if logmel.shape[2] < _MIN_FRAMES:
        raise ConfigError(
            f"{path} has {logmel.shape[2]} frames a track: at least {_MIN_FRAMES} are "
            "needed"
        )
    return arrays


def windows_of(logmel: NDArray[np.generic], top_db: float) -> NDArray[np.float32]:
    """Cut the padding off and standardise each window over itself.

    Parameters
    ----------
    logmel : ndarray, shape (n, n_mels, n_frames)

    Returns
    -------
    ndarray, shape (n, n_frames - 2, n_mels), float32
    """
    frames = logmel[:, :, FIRST_FRAME:].transpose(0, 2, 1).astype(np.float32)
    return np.stack([standardise(window, top_db) for window in frames])


def load_arrays(path: Path) -> DataSet:
    """Read an arrays file as a data set, with the split that it carries.

    Raises
    ------
    ConfigError
        If the file cannot be used; the sentence says why.
    """
    arrays = read_arrays(path)
    spec = FeatureSpec()
    patches = windows_of(arrays["logmel"], spec.top_db)
    if not np.isfinite(patches).all():
        raise ConfigError(f"{path}: logmel holds values that are not finite")
    names = arrays["genre"].astype(str)
    labels, genre = np.unique(names, return_inverse=True)
    track, split = arrays["track"].astype(str), arrays["split"].astype(str)
    sides = {
        side: Windows(
            patches[split == side], genre[split == side], track[split == side]
        )
        for side in (TRAIN, VALID)
    }
    for side, windows in sides.items():
        if not len(windows):
            raise ConfigError(f"{path} has no track in the split {side!r}")
    return DataSet(
        name=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        labels=tuple(str(label) for label in labels),
        spec=spec,
        split="as given in the arrays file, track-disjoint",
        train=sides[TRAIN],
        valid=sides[VALID],
    )
