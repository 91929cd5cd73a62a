"""Hints: what other networks hear in a sound, for a network to tell beside its genre.

A few hundred labels say little about what to listen for. musicnn and YAMNet have
learned it from far more music, and the leading principal components of their embeddings
say what they make of each moment. A network that has to tell those too, from the same
patterns as the genre, finds patterns that matter in other music as well. Only training
knows of hints: the network that is kept has no output for them.

Windows that were made to sound again are standardised by themselves, as for the
classifiers in :mod:`genre_train.heads`.

References
----------
A. Romero et al., "FitNets: hints for thin deep nets", ICLR 2015.
R. Caruana, "Multitask learning", Machine Learning 28, 1997.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from genre_train.backend import load_keras
from genre_train.embeddings import TAGGERS
from genre_train.heads import Scale
from genre_train.losses import crossentropy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from genre_train.embeddings import Rows

_COMPONENTS = 64  # of each tagger at most
_LEAST_VARIANCE = 1e-3  # of a component, of standardised numbers


@dataclass(frozen=True)
class Components:
    """The leading principal components of a tagger's embeddings."""

    tagger: str
    scale: Scale
    """Of recordings."""
    axes: NDArray[np.float32]
    """Shape (d, n): standardised embeddings times these have unit variance."""

    @classmethod
    def learn(cls, tagger: str, heard: Sequence[Rows]) -> Self:
        """Find them in what was heard of recordings."""
        values = _values(tagger, heard)
        scale = Scale.of(values)
        standard = scale.apply(values)
        variance, axes = np.linalg.eigh(standard.T @ standard / len(standard))
        leading = slice(None, -_COMPONENTS - 1, -1)  # eigh begins with the least
        deviation = np.sqrt(np.maximum(variance[leading], _LEAST_VARIANCE))
        return cls(tagger, scale, np.asarray(axes[:, leading] / deviation, np.float32))


@dataclass(frozen=True)
class Hints:
    """Those of all taggers, side by side."""

    components: tuple[Components, ...]

    @classmethod
    def learn(cls, heard: Sequence[Rows]) -> Self:
        """Find the components of recordings.

        Parameters
        ----------
        heard : sequence of Rows, not empty
        """
        return cls(tuple(Components.learn(tagger, heard) for tagger in TAGGERS))

    def of_recording(self, rows: Rows) -> NDArray[np.float32]:
        """Return those of each moment of a recording, shape (n, n_hints)."""
        told = [
            one.scale.apply(_values(one.tagger, [rows])) @ one.axes
            for one in self.components
        ]
        return np.concatenate(told, axis=1)

    def of_windows(self, shown: Sequence[Rows]) -> NDArray[np.float32]:
        """Return those of each window as a whole, shape (len(shown), n_hints)."""
        told = []
        for one in self.components:
            scale = Scale.of(_values(one.tagger, shown))
            means = [
                scale.apply(_values(one.tagger, [rows])).mean(axis=0) for rows in shown
            ]
            told.append(np.stack(means) @ one.axes)
        return np.concatenate(told, axis=1)


def with_hints(model: Any, n_hints: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Return a network that tells hints after its logits, from the same patterns.

    It shares all its layers with the one given, which is the one to keep.

    Parameters
    ----------
    model : keras.Model
        Of :mod:`genre_train.models`.
    """
    keras = load_keras()
    patterns = model.get_layer("mean").output
    told = keras.layers.Dense(n_hints, name="hints")(patterns)
    both = keras.layers.Concatenate(name="lesson")([model.output, told])
    return keras.Model(model.inputs, both, name="pupil")


def lesson(n_labels: int, weight: float) -> Callable[[Any, Any], Any]:
    """Return the loss of a network :func:`with_hints`.

    That is the cross-entropy of the labels and, of windows with hints, the mean
    squared error of those. Of targets, shape (n, n_labels + n_hints), the hints are
    not numbers where there are none.

    Parameters
    ----------
    weight : float >= 0
        Of the hints.
    """

    def loss(targets: Any, outputs: Any) -> Any:  # noqa: ANN401 - keras is untyped
        ops = load_keras().ops
        hints = targets[:, n_labels:]
        known = ops.logical_not(ops.isnan(hints))
        # Replaced before the difference: a gradient through NaN is NaN, however little
        # it weighs.
        wrong = outputs[:, n_labels:] - ops.where(known, hints, 0.0)
        squared = ops.mean(ops.square(wrong) * ops.cast(known, "float32"), axis=-1)
        genres = crossentropy(targets[:, :n_labels], outputs[:, :n_labels])
        return genres + weight * squared

    return loss


def _values(tagger: str, sounds: Sequence[Rows]) -> NDArray[np.float32]:
    return np.concatenate([rows[tagger] for rows in sounds]).astype(np.float32)
