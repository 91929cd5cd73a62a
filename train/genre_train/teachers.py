"""What others think of music, for a network to learn from.

Linear classifiers of what musicnn and YAMNet make of a sound (:mod:`genre_train.heads`)
are asked about a whole recording as well as about each moment, since a genre hardly
changes within half a minute and many moments are wrong about different things; and of a
recording counts which of its genres' tags musicnn and YAMNet themselves give it
(:mod:`genre_train.zeroshot`). The opinions are pooled in the logarithm, so that a genre
which one teacher rules out is out. What they say of all recordings together is brought
to even shares of the genres: asked about music of another kind than they have learned
from, they have favourites.

References
----------
C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an
annotated bibliography", Statistical Science 1(1), 1986 (logarithmic pools).
D. Berthelot et al., "ReMixMatch: semi-supervised learning with distribution alignment
and augmentation anchoring", ICLR 2020.
G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.messages import NO_MUSIC
from genre_daemon.probabilities import softmax
from genre_train.embeddings import HOP_S, Embeddings
from genre_train.heads import Heads
from genre_train.zeroshot import zero_shot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.dataset import DataSet
    from genre_train.embeddings import Rows
    from genre_train.nomusic import Sound

_OF_MOMENT = 0.4  # weight of what is said of the moment, against the recording
_FOLDS = 5
_MOST_WEIGHT = 5.0  # what is hardly ever named is not made out of nothing
_ROUNDS = 3  # of evening out: each takes the shares nearer to even ones
_SURENESS = 1.5  # power of what is said together: pooled opinions are too careful


class Teachers:
    """All that are asked.

    Parameters
    ----------
    data : DataSet
        They learn the genres of its training side, and of no other.
    path : Path
        File made by ``genre-train embed``.

    Raises
    ------
    ConfigError
        If the file cannot be read, or was made of other data.
    """

    def __init__(self, data: DataSet, path: Path) -> None:
        self._embeddings, self._spec = Embeddings.load(path), data.spec
        self._n_labels = len(data.labels)
        self._columns = [i for i, name in enumerate(data.labels) if name != NO_MUSIC]
        self._genres = [data.labels[column] for column in self._columns]
        place = np.full(self._n_labels, -1)
        place[self._columns] = np.arange(len(self._columns))
        self._label, self._genre = data.train.genre, place[data.train.genre]
        self._track = data.train.track
        self._shown = self._embeddings.of_windows(data.train.patches)

    def of_recordings(
        self, sounds: Sequence[Sound]
    ) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Return what is thought of recordings, moment by moment.

        Returns
        -------
        start : ndarray, shape (m,)
            Frames at which the moments begin.
        probabilities : ndarray, shape (m, n_labels), float32
            ``no_music`` has none.

        Raises
        ------
        ConfigError
            If a recording was not embedded.
        """
        heard = [self._embeddings.of(sound.source.name) for sound in sounds]
        heads = self._learned(np.ones(len(self._genre), bool), heard)
        tagged = zero_shot(self._genres, heard)
        together = [
            pool(heads.ask(rows) + standing)
            for rows, standing in zip(heard, tagged, strict=True)
        ]
        told = []
        for opinions in even_out(together):
            said = self._labelled(opinions)
            seconds = np.arange(len(said)) * HOP_S
            frames = seconds * self._spec.sample_rate / self._spec.hop_length
            told.append((np.rint(frames).astype(np.int64), said))
        return told

    def of_windows(self) -> NDArray[np.float32]:
        """Return what is thought of the training windows, shape (n, n_labels).

        Each is judged by teachers that were not shown its track: those who were would
        only say again what they were told. What is labelled ``no_music`` is left so.
        """
        tracks = np.unique(self._track)
        number = np.random.default_rng(0).permutation(len(tracks)) % _FOLDS
        fold = number[np.searchsorted(tracks, self._track)]
        told = np.eye(self._n_labels, dtype=np.float32)[self._label]
        for one in range(_FOLDS):
            heads = self._learned(fold != one, self._shown)
            for window in np.flatnonzero((fold == one) & (self._genre >= 0)):
                said = heads.ask(self._shown[window]).mean(axis=0, keepdims=True)
                told[window] = self._labelled(pool(said))[0]
        return told

    def _learned(self, chosen: NDArray[np.bool_], heard: Sequence[Rows]) -> Heads:
        kept = np.flatnonzero(chosen & (self._genre >= 0))
        shown = [self._shown[window] for window in kept]
        return Heads.fit(shown, self._genre[kept], len(self._columns), heard)

    def _labelled(self, said: NDArray[np.float32]) -> NDArray[np.float32]:
        probabilities = np.zeros((len(said), self._n_labels), np.float32)
        probabilities[:, self._columns] = said
        return probabilities


def pool(said: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pool what is said of the moments of one recording.

    Parameters
    ----------
    said : ndarray, shape (n, n_genres)
        Logarithms of probabilities, or weighted sums of some.

    Returns
    -------
    ndarray, shape (n, n_genres), float32
        Probabilities.
    """
    together = _OF_MOMENT * said + (1.0 - _OF_MOMENT) * said.mean(axis=0)
    return softmax(np.asarray(_SURENESS * together, np.float32))


def even_out(said: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Weigh the genres so that all of them are named alike, over all recordings.

    Parameters
    ----------
    said : sequence of ndarray, shape (n, n_genres)
        Probabilities, of each recording.

    Returns
    -------
    list of ndarray, shapes as given, float32
        Probabilities.
    """
    weights = np.ones(said[0].shape[1], np.float32)
    even = list(said)
    for _ in range(_ROUNDS):
        share = np.mean([one.mean(axis=0) for one in even], axis=0)
        weights *= share.mean() / np.maximum(share, 1e-9)
        weights = np.minimum(weights, _MOST_WEIGHT)
        even = [one * weights for one in said]
        even = [one / one.sum(axis=1, keepdims=True) for one in even]
    return [np.asarray(one, np.float32) for one in even]
