"""Splits that leak, only to show what figures they give.

Windows of one track come to both sides, so that a network is asked about songs that
it was trained on. Much that was published was measured so. Everything made from such
a split says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.features.patches import standardise
from genre_train.dataset import TRAIN, VALID, Windows
from genre_train.split import leaky_sides

if TYPE_CHECKING:
    from genre_train.loading import DataSettings

PIECE_FRAMES = 64
"""Frames (1.5 s) of the overlapping pieces that an arrays file's windows are cut to:
there is only one window a track, and what leaks is the rest of the same track."""


def leak(windows: Windows, settings: DataSettings) -> tuple[Windows, Windows, str]:
    """Divide windows at random, whatever track they are of.

    Returns
    -------
    train, valid : Windows
    words : str
        Begins with "leaky", and counts the tracks on both sides.

    Raises
    ------
    ConfigError
        If there are too few windows.
    """
    sides = np.array(
        leaky_sides(
            [str(genre) for genre in windows.genre],
            valid_fraction=settings.valid_fraction,
            seed=settings.seed,
        )
    )
    train, valid = (windows.take(np.flatnonzero(sides == s)) for s in (TRAIN, VALID))
    both = len(np.intersect1d(train.track, valid.track))
    tracks = len(np.unique(windows.track))
    words = (
        f"leaky: {settings.valid_fraction:g} of the windows held out at random, "
        f"{both} of {tracks} tracks on both sides, seed {settings.seed}"
    )
    return train, valid, words


def cut_pieces(windows: Windows, top_db: float) -> Windows:
    """Cut windows into half-overlapping pieces of ``PIECE_FRAMES``."""
    n_frames = windows.patches.shape[1]
    length = min(PIECE_FRAMES, n_frames)
    starts = range(0, n_frames - length + 1, length // 2)
    pieces = [
        standardise(patch[start : start + length], top_db)
        for patch in windows.patches
        for start in starts
    ]
    genre = np.repeat(windows.genre, len(starts))
    return Windows(np.stack(pieces), genre, np.repeat(windows.track, len(starts)))
