"""A linear classifier upon what an imitation hears.

The imitation stays as it is: means and maxima of its patterns, on every level, are
the numbers that a multinomial logistic regression learns the labels from.
It is shown the labelled windows, music without labels with what the teachers think of
it, and sound that is no music. Begun from here, a training of the whole network soon
knew its windows by heart, and other music less well.

References
----------
G. Alain and Y. Bengio, "Understanding intermediate layers using linear classifier
probes", ICLR workshop 2017.
A. Kumar et al., "Fine-tuning can distort pretrained features and underperform
out-of-distribution", ICLR 2022.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.messages import NO_MUSIC
from genre_train.augment import AugmentSettings, crop
from genre_train.backend import load_keras
from genre_train.bandwidth import as_decibels
from genre_train.losses import is_distribution, known_targets
from genre_train.models import levels, pool
from genre_train.predicting import predict_chunks
from genre_train.progress import progress
from genre_train.variation import vary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.background import Background
    from genre_train.batching import Scenery
    from genre_train.dataset import DataSet, Windows
    from genre_train.trainsettings import TrainSettings

    Array = NDArray[np.float32]

_CHANGES = AugmentSettings(
    change_speed=0.0,
    shift_bands=1,
    equalise=0.1,
    low_pass=0.15,
    fill_top=0.15,
    equipment=0.3,
    raise_floor=0.1,
)
"""What happens to what it is shown, beside rooms: less than in a training, as a linear
classifier has few weights to learn by heart with."""

_ROUNDS = 32  # in which other sounds are drawn: all at once would fill the memory
_MUSIC, _NO_MUSIC = 560, 256  # chunks a round
_COPIES = 8  # of each labelled window, to which something happens
_UNCHANGED_WEIGHT, _CHANGED_WEIGHT = 0.7, 0.3  # of all labelled windows
_MUSIC_WEIGHT, _NO_MUSIC_WEIGHT = 1.0, 1.0
_REGULARISATION = 3.0
_LEAST_PROBABILITY = 0.01  # of an opinion that is listened to
_LEAST_SPREAD = 0.3  # of the usual one: what hardly changes would weigh as much
_NEVER = -20.0  # logit of a label that no example has
_NO_SPREAD = 1e-6  # lest what never changes be divided by nought


@dataclass(frozen=True)
class Probe:
    """Weights of the classifier."""

    kernel: Array
    """Shape (n_features, n_labels)."""
    bias: Array
    """Shape (n_labels,)."""
    usual: Array
    """Features of the mean example, shape (n_features,)."""
    spread: Array
    """About their deviations, shape (n_features,), above nought."""


@dataclass(frozen=True)
class Examples:
    """What it learns from."""

    features: Array
    """Shape (n, n_features)."""
    targets: Array
    """Shape (n, n_labels): distributions over the labels."""
    weight: Array
    """Shape (n,); that of all labelled windows together is their number."""

    @classmethod
    def of(
        cls, features: Array, targets: Array, n_windows: int, weight: float
    ) -> Examples:
        """Share a weight among examples, in units of all labelled windows."""
        each = np.full(len(features), weight * n_windows / len(features), np.float32)
        return cls(features, targets, each)

    @classmethod
    def joined(cls, parts: Sequence[Examples]) -> Examples:
        """Put examples of several kinds together."""
        return cls(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.targets for part in parts]),
            np.concatenate([part.weight for part in parts]),
        )


def probe(
    data: DataSet, scenery: Scenery, settings: TrainSettings, *, every_level: bool
) -> Probe:
    """Learn the labels of the training side from what an imitation hears.

    Parameters
    ----------
    scenery : Scenery
        The imitation, other sounds, and rooms.
    settings : TrainSettings
        Of which only the seed and the share of windows in a room count here.
    every_level : bool
        Whether all levels of the imitation are read, or only the last.
    """
    hear = _pooled(scenery.imitation, every_level=every_level)
    stage = _Stage(hear, data.labels, scenery, settings)
    examples = stage.labelled(data.train, data.spec)
    if scenery.background is not None:
        examples += stage.others(scenery, len(data.train))
    return learn(Examples.joined(examples))


def learn(examples: Examples) -> Probe:
    """Fit the regression to distributions over the labels.

    An example counts for each label with what its target says of it. Weights are of
    the features as they are, though the regression is of standardised ones.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow

    features, targets, weight = examples.features, examples.targets, examples.weight
    mean = np.average(features, axis=0, weights=weight)
    spread = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weight))
    spread += max(_LEAST_SPREAD * float(np.median(spread)), _NO_SPREAD)
    row, label = np.nonzero(targets > _LEAST_PROBABILITY)
    model = LogisticRegression(C=1.0 / _REGULARISATION, max_iter=300)
    standardised = ((features - mean) / spread).astype(np.float32)
    model.fit(standardised[row], label, weight[row] * targets[row, label])
    kernel = np.zeros((features.shape[1], targets.shape[1]), np.float32)
    bias = np.full(targets.shape[1], _NEVER, np.float32)
    weights, offset = model.coef_ / spread, model.intercept_
    offset = offset - model.coef_ @ (mean / spread)
    if len(model.classes_) == 2:  # noqa: PLR2004 - of two, it tells the difference
        weights, offset = (np.concatenate([-one, one]) / 2 for one in (weights, offset))
    kernel[:, model.classes_] = weights.T
    bias[model.classes_] = offset
    return Probe(kernel, bias, *(one.astype(np.float32) for one in (mean, spread)))


def _pooled(imitation: Any, *, every_level: bool) -> Any:  # noqa: ANN401 - keras is untyped
    keras = load_keras()
    pooled = pool(levels(imitation, every=every_level))
    together = keras.layers.Flatten()(keras.layers.Concatenate()(pooled))
    return keras.Model(imitation.input, together)


class _Stage:
    """Where sounds are shown to the imitation."""

    def __init__(
        self,
        hear: Any,  # noqa: ANN401 - keras is untyped
        labels: Sequence[str],
        scenery: Scenery,
        settings: TrainSettings,
    ) -> None:
        self._hear, self._known = hear, known_targets(labels, 0.0)
        self._no_music = np.array([label == NO_MUSIC for label in labels], np.float32)
        self._rooms, self._room = scenery.rooms, settings.augment.room
        self._rng = np.random.default_rng(settings.seed)

    def labelled(self, windows: Windows, spec: FeatureSpec) -> list[Examples]:
        """Show labelled windows as they are, and with something that happens."""
        known, n = self._known[windows.genre], len(windows)
        chunks = windows.chunks(spec)
        plain = predict_chunks(self._hear, chunks.reshape(-1, *chunks.shape[2:]))
        changed = np.concatenate(
            [
                self._changed(
                    as_decibels(crop(windows.patches, self._rng, spec.chunk_frames)),
                    self._room,
                )
                for _ in range(_COPIES)
            ]
        )
        repeated, copied = (
            known.repeat(chunks.shape[1], 0),
            np.tile(known, (_COPIES, 1)),
        )
        return [
            Examples.of(plain, repeated, n, _UNCHANGED_WEIGHT),
            Examples.of(changed, copied, n, _CHANGED_WEIGHT),
        ]

    def others(self, scenery: Scenery, n_windows: int) -> list[Examples]:
        """Show what is no music, and music if anybody has an opinion of it.

        The same share of them as of labelled windows is heard in a room, but in a real
        one: of these, there is the sound itself.
        """
        music, opinions, no_music = [], [], []
        places = self._places(scenery)
        with progress("other sounds", _ROUNDS) as advance:
            for _ in range(_ROUNDS):
                for place, share in places:
                    levels, told = place.draw_music(self._rng, round(share * _MUSIC))
                    music.append(self._changed(levels))
                    opinions.append(told)
                    n = round(share * _NO_MUSIC)
                    no_music.append(self._changed(place.draw_no_music(self._rng, n)))
                advance(f"{_MUSIC + _NO_MUSIC} chunks")
        heard, told = np.concatenate(no_music), np.concatenate(opinions)
        nothing = np.tile(self._no_music, (len(heard), 1))
        found = [Examples.of(heard, nothing, n_windows, _NO_MUSIC_WEIGHT)]
        if is_distribution(told).all():
            shown = np.concatenate(music)
            found.append(Examples.of(shown, told, n_windows, _MUSIC_WEIGHT))
        return found

    def _places(self, scenery: Scenery) -> list[tuple[Background, float]]:
        """Return where sounds are heard, with the share of them."""
        room = 0.0 if scenery.in_rooms is None else self._room
        places = (scenery.background, 1.0 - room), (scenery.in_rooms, room)
        return [(place, share) for place, share in places if place is not None]

    def _changed(self, levels: Array, room: float = 0.0) -> Array:
        changes = replace(_CHANGES, room=room)
        return predict_chunks(self._hear, vary(levels, self._rng, changes, self._rooms))
