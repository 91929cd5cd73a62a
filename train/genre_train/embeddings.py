"""Embeddings: what other networks make of recordings and windows, in one file.

The file is an ``.npz`` with a row for every second of a sound:

==================  =============================================================
``sound``           names of sounds, shape (n,): recordings as ``free_music/001a``,
                    windows by :func:`name_of`
``count``           rows of each, shape (n,)
``musicnn``         shape (sum of counts, 1506), float16
``musicnn_scores``  of its tags, shape (sum of counts, 50), float16 from 0 to 1
``yamnet``          shape (sum of counts, 1024), float16
``yamnet_scores``   of its genres, shape (sum of counts, 50), float16 from 0 to 1
==================  =============================================================

Row ``k`` of a sound is made of the two seconds from second ``k`` on. It needs no
labels, so that one file serves every division of the tracks.
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train import musicnn, yamnet
from genre_train.durable import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Rows = Mapping[str, NDArray[np.float16]]

TAGS = {"musicnn": musicnn.TAGS, "yamnet": yamnet.TAGS}
"""What each of them tells apart, in the order of its scores."""

TAGGERS = tuple(TAGS)
"""Networks that were asked."""

WINDOW_S = 2.0
"""Seconds that a row is made of: about a chunk."""

HOP_S = 1.0
"""Seconds between the beginnings of two rows."""


def name_of(patch: NDArray[np.float32]) -> str:
    """Return the name of a labelled window, which is its content."""
    return f"window/{hashlib.sha256(patch.tobytes()).hexdigest()[:24]}"


def scores_of(tagger: str) -> str:
    """Return what the scores of a tagger are called among the rows of a sound."""
    return f"{tagger}_scores"


_PARTS = (*TAGGERS, *map(scores_of, TAGGERS))


@dataclass(frozen=True)
class Embeddings:
    """Rows of many sounds."""

    sounds: Mapping[str, Rows]
    """By name; of each, embeddings and scores by tagger, shape (count, d)."""

    def of(self, sound: str) -> Rows:
        """Return the rows of a sound.

        Raises
        ------
        ConfigError
            If it was not embedded.
        """
        try:
            return self.sounds[sound]
        except KeyError:
            raise ConfigError(
                f"there are no embeddings of {sound}: the data have changed since; "
                "make them again with 'genre-train embed'"
            ) from None

    def of_windows(self, patches: NDArray[np.float32]) -> list[Rows]:
        """Return the rows of each labelled window, shape (n, n_frames, n_mels)."""
        return [self.of(name_of(patch)) for patch in patches]

    def save(self, path: Path) -> None:
        """Write the file, in one piece or not at all."""
        rows = list(self.sounds.values())
        with replacing(path) as file:
            np.savez(
                file,
                allow_pickle=False,
                sound=np.array(list(self.sounds)),
                count=np.array([len(row[TAGGERS[0]]) for row in rows]),
                **{
                    part: np.concatenate([row[part] for row in rows]) for part in _PARTS
                },
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
                names, count = archive["sound"].tolist(), archive["count"]
                told = {part: archive[part] for part in _PARTS}
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ConfigError(
                f"cannot read embeddings from {path}: {error}; make them with "
                "'genre-train embed'"
            ) from error
        stops = np.cumsum(count)
        return cls(
            {
                name: {part: told[part][stop - n : stop] for part in _PARTS}
                for name, n, stop in zip(names, count, stops, strict=True)
            }
        )
