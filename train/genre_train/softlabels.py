"""Soft labels: a distribution over the genres for windows that nobody has labelled.

The file is an ``.npz`` with a row for each window:

=================  ==============================================================
``labels``         names of the genres, shape (n_labels,)
``recording``      name of the recording, as ``free_music/001a``, shape (n,)
``start``          frame of the daemon's features at which it begins, shape (n,)
``probabilities``  shape (n, n_labels), float32; each row sums to one
=================  ==============================================================
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.durable import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_ARRAYS = ("labels", "recording", "start", "probabilities")


@dataclass(frozen=True)
class SoftLabels:
    """What is thought of the windows of recordings."""

    labels: tuple[str, ...]
    recording: NDArray[np.str_]
    """Shape (n,)."""
    start: NDArray[np.int64]
    """Shape (n,), frames."""
    probabilities: NDArray[np.float32]
    """Shape (n, n_labels)."""

    def of(
        self, recording: str, labels: Sequence[str]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """Return the windows of a recording; None if there are none.

        Parameters
        ----------
        labels : sequence of str
            In whose order the probabilities are wanted; one that is not known here
            has a probability of nought.

        Returns
        -------
        start : ndarray, shape (m,), frames
        probabilities : ndarray, shape (m, len(labels)), float32

        Raises
        ------
        ConfigError
            If ``labels`` lacks a genre that is known here.
        """
        lost = sorted(set(self.labels) - set(labels))
        if lost:
            raise ConfigError(
                f"the soft labels know the genre {lost[0]!r}, which is none of those "
                f"to be learned ({', '.join(labels)}): make them again with teachers "
                "of these genres"
            )
        chosen = np.flatnonzero(self.recording == recording)
        if not len(chosen):
            return None
        rows = np.zeros((len(chosen), len(labels)), np.float32)
        rows[:, [labels.index(one) for one in self.labels]] = self.probabilities[chosen]
        return self.start[chosen], rows

    def save(self, path: Path) -> None:
        """Write the file, in one piece or not at all."""
        with replacing(path) as file:
            np.savez_compressed(
                file,
                allow_pickle=False,
                labels=np.array(self.labels),
                recording=self.recording,
                start=self.start,
                probabilities=self.probabilities,
            )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file.

        Raises
        ------
        ConfigError
            If it is missing or holds something else.
        """
        try:
            with np.load(path, allow_pickle=False) as archive:
                labels, recording, start, rows = (archive[name] for name in _ARRAYS)
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ConfigError(
                f"cannot read soft labels from {path}: {error}; make them with "
                "'genre-train soft-labels'"
            ) from error
        return cls(tuple(labels.tolist()), recording, start, rows)
