"""Augmentation of log-mel patches: the single steps.

:mod:`genre_train.variation` puts those together that happen to sound.

Every function is pure: it takes a batch and a random generator, leaves its argument
alone and returns a new batch. All are vectorised over the batch; each example draws
its own random numbers.

Conventions
-----------
A batch has the shape (n, n_frames, n_mels), float32, and is standardised: one unit
is one standard deviation of the patch's decibels (about 17 dB on music).

References
----------
H. Zhang et al., "mixup: beyond empirical risk minimization", ICLR 2018.
D. S. Park et al., "SpecAugment", Interspeech 2019.
K. Zhou et al., "Domain generalization with MixStyle", ICLR 2021.
F. Schmid et al., "CP-JKU submission to DCASE22: distilling knowledge for low-complexity
convolutional neural networks", DCASE 2022 (MixStyle over frequency).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Batch = NDArray[np.float32]

_STYLE_ALPHA = 0.6  # of the Beta distribution that its weights come from


@dataclass(frozen=True)
class AugmentSettings:
    """How far each augmentation may go. Zero switches it off."""

    change_speed: float = 0.3
    """Probability of playing a patch up to a seventh faster or slower."""
    shift_bands: int = 5
    """Mel bands up or down at most."""
    equalise: float = 0.35
    """Units (standard deviations of the patch) of the random tone control."""
    equalise_knots: int = 6
    """Points across the bands between which the tone control is interpolated."""
    low_pass: float = 0.15
    """Probability of losing the top, as in an old recording or a small loudspeaker."""
    fill_top: float = 0.15
    """Probability of noise over the whole band, which fills an empty top."""
    room: float = 0.0
    """Probability of being played through a loudspeaker, a room and a microphone."""
    equipment: float = 0.0
    """Probability of the same without a room."""
    raise_floor: float = 0.3
    """Probability of clipping less than 80 dB under the maximum."""
    mix_styles: float = 0.3
    """Probability of having level and dynamics of each band blended with another
    patch's."""
    mixup: float = 0.3
    """Parameter of the Beta distribution that mixing weights come from."""
    mask_frames: int = 24
    """Longest gap in time, frames."""
    mask_bands: int = 20
    """Widest gap in frequency, mel bands."""
    masks: int = 2
    """Gaps in each direction."""


def crop(batch: Batch, rng: np.random.Generator, n_frames: int) -> Batch:
    """Take ``n_frames`` of each patch, from anywhere in its loop."""
    n, length, _ = batch.shape
    start = rng.integers(0, length, size=(n, 1))
    order = (start + np.arange(n_frames)) % length
    return np.take_along_axis(batch, order[:, :, None], axis=1)


def change_speed(batch: Batch, rng: np.random.Generator, most: float = 0.14) -> Batch:
    """Play each patch faster or slower, as a loop; its pitch stays.

    Parameters
    ----------
    most : float in [0, 1)
        Largest change: 0.1 is a tenth faster or slower.
    """
    n, n_frames, _ = batch.shape
    speed = 1.0 + rng.uniform(-most, most, size=(n, 1))
    order = np.round(np.arange(n_frames) * speed).astype(int) % n_frames
    return np.take_along_axis(batch, order[:, :, None], axis=1)


def shift_bands(batch: Batch, rng: np.random.Generator, most: int) -> Batch:
    """Move each patch up or down by at most ``most`` bands, repeating the edge band.

    On the mel scale this is close to a change of pitch.
    """
    n, _, n_mels = batch.shape
    shift = rng.integers(-most, most + 1, size=(n, 1))
    source = np.clip(np.arange(n_mels) + shift, 0, n_mels - 1)
    return np.take_along_axis(batch, source[:, None, :], axis=2)


def equalise(batch: Batch, rng: np.random.Generator, depth: float, knots: int) -> Batch:
    """Add a smooth random curve over the bands, as a room or a tone control would.

    Parameters
    ----------
    depth : float >= 0
        Standard deviation of the curve at its knots, in units of the patch.
    knots : int >= 2
        Points drawn at random; the curve is linear between them.
    """
    n, _, n_mels = batch.shape
    heights = rng.normal(0.0, depth, size=(n, knots))
    place = np.linspace(0.0, knots - 1.0, n_mels)
    left = np.minimum(place.astype(int), knots - 2)
    weight = place - left
    curve = heights[:, left] * (1.0 - weight) + heights[:, left + 1] * weight
    return batch + np.asarray(curve[:, None, :], np.float32)


def mask(batch: Batch, rng: np.random.Generator, *, axis: int, longest: int) -> Batch:
    """Set a random stretch of each patch to its mean, which is zero.

    Parameters
    ----------
    axis : {1, 2}
        1 leaves a gap in time, 2 in frequency.
    longest : int >= 0
        The stretch has 0 to ``longest`` frames or bands.
    """
    n, size = batch.shape[0], batch.shape[axis]
    length = rng.integers(0, min(longest, size) + 1, size=(n, 1))
    start = rng.integers(0, size - length + 1)
    position = np.arange(size)
    gap = (position >= start) & (position < start + length)
    return np.where(np.expand_dims(gap, 3 - axis), np.float32(0.0), batch)


def mixup(
    batch: Batch, targets: Batch, rng: np.random.Generator, alpha: float
) -> tuple[Batch, Batch]:
    """Blend each example with another one, and its target likewise.

    Parameters
    ----------
    targets : ndarray, shape (n, n_labels), float32
        Probabilities of the labels.
    alpha : float > 0
        Weights come from Beta(alpha, alpha); the larger half goes to the example.
    """
    n = len(batch)
    drawn = rng.beta(alpha, alpha, size=n)
    weight = np.maximum(drawn, 1.0 - drawn).astype(np.float32)
    other = rng.permutation(n)
    own, theirs = weight[:, None, None], (1 - weight)[:, None, None]
    mixed = own * batch + theirs * batch[other]
    return mixed, weight[:, None] * targets + (1 - weight)[:, None] * targets[other]


def mix_styles(batch: Batch, rng: np.random.Generator, probability: float) -> Batch:
    """Blend mean and deviation of each band over time with those of another patch.

    They tell how a recording was made and played more than what was played: a network
    must not know a genre by its albums. Each patch keeps its target.

    Parameters
    ----------
    probability : float in [0, 1]
        Of each patch.
    """
    n = len(batch)
    chosen = rng.random((n, 1, 1)) < probability
    drawn = rng.beta(_STYLE_ALPHA, _STYLE_ALPHA, size=(n, 1, 1))
    own = np.where(chosen, np.maximum(drawn, 1.0 - drawn), 1.0).astype(np.float32)
    other = rng.permutation(n)
    mean = batch.mean(axis=1, keepdims=True)
    deviation = np.maximum(batch.std(axis=1, keepdims=True), np.float32(1e-3))
    style = own * deviation + (1.0 - own) * deviation[other]
    blended = own * mean + (1.0 - own) * mean[other]
    return np.asarray((batch - mean) / deviation * style + blended, np.float32)


def standardise_batch(batch: Batch) -> Batch:
    """Scale each patch to zero mean and unit variance again.

    What the daemon does last, without its clipping: these values were clipped when
    they still were decibels.
    """
    centred = batch - batch.mean(axis=(1, 2), keepdims=True)
    deviation = centred.std(axis=(1, 2), keepdims=True)
    return np.asarray(centred / np.maximum(deviation, np.float32(1e-3)), np.float32)


def regularise(
    batch: Batch,
    targets: Batch,
    rng: np.random.Generator,
    settings: AugmentSettings,
) -> tuple[Batch, Batch]:
    """Mix patches with each other and cut gaps into them.

    What no room and no recording does to sound: it only keeps a network from learning
    its examples by heart, and comes last.

    Parameters
    ----------
    targets : ndarray, shape (n, n_labels), float32

    Returns
    -------
    batch, targets : ndarray, shapes as given
    """
    if settings.mix_styles:
        batch = mix_styles(batch, rng, settings.mix_styles)
    if settings.mixup:
        batch, targets = mixup(batch, targets, rng, settings.mixup)
    return cut_gaps(batch, rng, settings), targets


def cut_gaps(
    batch: Batch, rng: np.random.Generator, settings: AugmentSettings
) -> Batch:
    """Set stretches of time and of frequency to the mean."""
    for _ in range(settings.masks):
        batch = mask(batch, rng, axis=1, longest=settings.mask_frames)
        batch = mask(batch, rng, axis=2, longest=settings.mask_bands)
    return batch
