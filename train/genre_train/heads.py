"""The genres by the ears of others: linear classifiers upon their embeddings.

musicnn and YAMNet are shown the labelled windows, made to sound again, and a logistic
regression learns the genres from what each makes of them. They have heard far more
music than a few hundred excerpts; what they say of recordings that nobody has labelled
is for another network to learn from.

A window that was made to sound again is hollow, and recordings are not: every number
of an embedding is shifted between the two. So each kind is standardised by itself,
before the classifiers learn from the one and are asked about the other.

References
----------
J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for music
audio tagging", ISMIR late-breaking demo, 2019 (linear classifiers on embeddings).
Y. Li et al., "Adaptive batch normalization for practical domain adaptation", Pattern
Recognition 80, 2018 (each domain by its own statistics).
C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an
annotated bibliography", Statistical Science 1(1), 1986 (logarithmic pools).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from genre_train.embeddings import TAGGERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_train.embeddings import Rows

_INVERSE_REGULARISATION = {"musicnn": 0.02, "yamnet": 0.003}
_WEIGHTS = {"musicnn": 1.0, "yamnet": 0.7}
"""Of each in the pool: musicnn names more of the windows rightly."""

_FLOOR = 1e-3  # of a probability: no head is that sure
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True)
class Scale:
    """Mean and deviation of each number of an embedding, over sounds of one kind."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> Self:
        """Measure embeddings, shape (n, d), or one number of each, shape (n,)."""
        deviation = np.maximum(values.std(axis=0), _LEAST_SPREAD)
        return cls(values.mean(axis=0), deviation)

    def apply(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return embeddings of this kind, standardised."""
        return np.asarray((values - self.mean) / self.deviation, np.float32)


@dataclass(frozen=True)
class Head:
    """A classifier for the embeddings of one tagger."""

    tagger: str
    model: Any
    scale: Scale
    """Of the kind of sound that is asked about."""

    @classmethod
    def fit(
        cls,
        tagger: str,
        windows: Sequence[Rows],
        genre: NDArray[np.int64],
        scale: Scale,
    ) -> Self:
        """Learn the genres of labelled windows, each row of a window by itself."""
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow

        values = [rows[tagger].astype(np.float32) for rows in windows]
        every = np.concatenate(values)
        model = LogisticRegression(C=_INVERSE_REGULARISATION[tagger], max_iter=2000)
        model.fit(Scale.of(every).apply(every), np.repeat(genre, [*map(len, values)]))
        return cls(tagger, model, scale)

    def ask(self, rows: Rows, n_genres: int) -> NDArray[np.float32]:
        """Return probabilities for the rows of a sound, shape (n, n_genres)."""
        values = self.scale.apply(rows[self.tagger].astype(np.float32))
        said = np.zeros((len(values), n_genres), np.float32)
        said[:, self.model.classes_] = self.model.predict_proba(values)
        return said


@dataclass(frozen=True)
class Heads:
    """All of them together."""

    heads: tuple[Head, ...]
    n_genres: int

    @classmethod
    def fit(
        cls,
        shown: Sequence[Rows],
        genre: NDArray[np.int64],
        n_genres: int,
        heard: Sequence[Rows],
    ) -> Self:
        """Learn the genres of labelled windows.

        Parameters
        ----------
        shown : sequence of Rows
            Those of the windows.
        genre : ndarray, shape (n,)
            Of each window, below ``n_genres``.
        heard : sequence of Rows, not empty
            Of sounds of the kind that will be asked about.
        """
        heads = []
        for tagger in TAGGERS:
            every = np.concatenate([rows[tagger] for rows in heard])
            scale = Scale.of(every.astype(np.float32))
            heads.append(Head.fit(tagger, shown, genre, scale))
        return cls(tuple(heads), n_genres)

    def ask(self, rows: Rows) -> NDArray[np.float32]:
        """Return the pooled opinion of each row of a sound, shape (n, n_genres).

        They are logarithms, not scaled to sum to one.
        """
        together = np.zeros((len(rows[TAGGERS[0]]), self.n_genres), np.float32)
        for head in self.heads:
            said = np.maximum(head.ask(rows, self.n_genres), _FLOOR)
            together += _WEIGHTS[head.tagger] * np.log(said)
        return together
