"""Training batches: labelled windows, other sounds beside them, and what happens."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.messages import NO_MUSIC
from genre_train.augment import AugmentSettings, Batch, crop, cut_gaps, regularise
from genre_train.bandwidth import as_decibels
from genre_train.losses import is_distribution, known_targets
from genre_train.variation import vary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from genre_train.background import Background
    from genre_train.dataset import Windows
    from genre_train.melroom import MelRoom


@dataclass(frozen=True)
class Scenery:
    """What a training has beside labelled windows."""

    background: Background | None = None
    """Sound without a genre; one of the labels is then ``no_music``."""
    in_rooms: Background | None = None
    """The same as it is heard in rooms, where labels are learned upon an imitation."""
    rooms: Sequence[MelRoom] = ()
    """Where windows are played, with the probability of ``augment.room``."""
    opinions: Batch | None = None
    """What others think of the labelled windows, shape (n, n_labels): half of what is
    to be learned of each. A label is one word, and some of them are wrong."""
    imitation: Any = None
    """A network that imitates another: the labels are learned upon it."""


@dataclass(frozen=True)
class Batches:
    """All that one pass over the training windows is made from."""

    windows: Windows
    chunk_frames: int
    """Of what is shown: as much as a network hears at once."""
    labels: Sequence[str]
    augment: AugmentSettings
    batch_size: int
    """Labelled windows in a batch."""
    label_smoothing: float
    beside: int = 0
    """Windows of no music in each batch."""
    unlabelled: int = 0
    """Windows of music without a genre in each batch."""
    scenery: Scenery = field(default_factory=Scenery)

    def __len__(self) -> int:
        """Return the number of batches in a pass."""
        return math.ceil(len(self.windows) / self.batch_size)

    def draw(self, rng: np.random.Generator) -> Iterator[tuple[Batch, Batch]]:
        """Yield every labelled window once, in random order, and others beside it.

        Yields
        ------
        batch : ndarray, shape (n, chunk_frames, n_mels), float32
            Standardised.
        targets : ndarray, shape (n, n_labels), float32
            As :func:`genre_train.losses.crossentropy` takes them.
        """
        known = known_targets(self.labels, self.label_smoothing)
        order = rng.permutation(len(self.windows))
        for start in range(0, len(order), self.batch_size):
            chosen = order[start : start + self.batch_size]
            heard = crop(self.windows.patches[chosen], rng, self.chunk_frames)
            levels = as_decibels(heard)
            targets = known[self.windows.genre[chosen]]
            if self.scenery.opinions is not None:
                targets = 0.5 * targets + 0.5 * self.scenery.opinions[chosen]
            yield self._one(levels, targets, known, rng)

    def _one(
        self, levels: Batch, targets: Batch, known: Batch, rng: np.random.Generator
    ) -> tuple[Batch, Batch]:
        background, rooms = self.scenery.background, self.scenery.rooms
        if background is not None:
            no_music = background.draw_no_music(rng, self.beside)
            music, of_music = background.draw_music(rng, self.unlabelled)
            of_no_music = known[[list(self.labels).index(NO_MUSIC)] * len(no_music)]
            levels = np.concatenate([levels, no_music, music])
            targets = np.concatenate([targets, of_no_music, of_music])
        batch = vary(levels, rng, self.augment, rooms)
        sure = is_distribution(targets)
        mixed, blended = regularise(batch[sure], targets[sure], rng, self.augment)
        # Candidates cannot be mixed: of two pieces, each may be of any genre.
        others = cut_gaps(batch[~sure], rng, self.augment)
        return (
            np.concatenate([mixed, others]),
            np.concatenate([blended, targets[~sure]]),
        )
