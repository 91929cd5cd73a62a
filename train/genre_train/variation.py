"""What may happen to music before it is heard: all that a training batch goes through.

Another tempo, key and tone; a loudspeaker, a room and a microphone; a recording without
a top or with noise on it. Each window draws for itself what happens to it, and music
and other sounds meet everything with the same probability, so that no trace of a
channel tells them apart.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from genre_train import augment
from genre_train.augment import standardise_batch
from genre_train.bandwidth import (
    DEVIATION_DB,
    TOP_DB,
    clip,
    fill_top,
    low_pass,
)
from genre_train.melroom import through_equipment, through_room

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genre_train.augment import AugmentSettings, Batch
    from genre_train.melroom import MelRoom

    Change = Callable[[Batch, np.random.Generator], Batch]

_LOWEST_TOP_DB = 40.0


def vary(
    levels: Batch,
    rng: np.random.Generator,
    settings: AugmentSettings,
    rooms: Sequence[MelRoom] = (),
) -> Batch:
    """Let happen to each window what may happen to sound, and standardise it.

    Parameters
    ----------
    levels : ndarray, shape (n, n_frames, n_mels), float32
        Decibels of any reference.
    rooms : sequence of MelRoom
        To draw from, where ``settings.room`` is not nought.

    Returns
    -------
    ndarray, shape as given, standardised as the daemon does it
    """
    batch = on_some(levels, rng, settings.change_speed, augment.change_speed)
    if settings.shift_bands:
        batch = augment.shift_bands(batch, rng, settings.shift_bands)
    if settings.equalise:
        depth_db = settings.equalise * DEVIATION_DB
        batch = augment.equalise(batch, rng, depth_db, settings.equalise_knots)
    batch = on_some(batch, rng, settings.low_pass, low_pass)
    batch = on_some(batch, rng, settings.fill_top, fill_top)
    if settings.equipment:
        batch = on_some(batch, rng, settings.equipment, through_equipment)
    if rooms:
        batch = on_some(batch, rng, settings.room, partial(through_room, rooms=rooms))
    batch = clip(batch)
    batch = on_some(batch, rng, settings.raise_floor, raise_floor)
    return standardise_batch(batch)


def on_some(
    batch: Batch, rng: np.random.Generator, probability: float, change: Change
) -> Batch:
    """Change each window with a probability; the others cost nothing."""
    chosen = np.flatnonzero(rng.random(len(batch)) < probability)
    if not len(chosen):
        return batch
    changed = batch.copy()
    changed[chosen] = change(batch[chosen], rng)
    return changed


def raise_floor(batch: Batch, rng: np.random.Generator) -> Batch:
    """Clip each window 40 to 80 dB under its maximum.

    Levels of the training arrays were clipped under the maximum of a whole track, in
    the daemon they are clipped under that of a patch.
    """
    highest = batch.max(axis=(1, 2), keepdims=True)
    under = rng.uniform(_LOWEST_TOP_DB, TOP_DB, size=(len(batch), 1, 1))
    return np.asarray(np.maximum(batch, highest - under), np.float32)
