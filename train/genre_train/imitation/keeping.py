"""What musicnn heard of a take, kept on disk: it takes far longer than to learn from.

A file is named after all that decides what is in it, the content of the recordings
included, and is believed only if it is whole (:mod:`genre_train.durable`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.cache import file_digest
from genre_train.durable import is_sealed, sealing
from genre_train.imitation.excerpts import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.nomusic import Source

_FORMAT = 1  # raise it when a take is heard otherwise than before


@dataclass(frozen=True)
class Kept:
    """The place of one take."""

    path: Path

    @classmethod
    def of(cls, folder: Path, source: Source, number: int, spec: FeatureSpec) -> Kept:
        """Return the place of a take.

        Parameters
        ----------
        number : int
            Of the take, which decides in what room it is heard.

        Raises
        ------
        AudioError
            If a recording cannot be read.
        """
        told = [_FORMAT, number, spec.to_json(), _describe(source)]
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        return cls(folder / digest[:2] / f"{digest[:32]}.npz")

    def load(self) -> Heard | None:
        """Return what was heard, if it is there and whole."""
        if not is_sealed(self.path):
            return None
        with np.load(self.path, allow_pickle=False) as file:
            return Heard(file["frames"], file["moments"], file["in_a_room"])

    def save(self, heard: Heard) -> None:
        """Write what was heard, in a room, too.

        Raises
        ------
        ConfigError
            If it cannot be written.
        """
        try:
            with sealing(self.path) as file:
                np.savez(file, **vars(heard))
        except OSError as error:
            raise ConfigError(
                f"cannot keep what was heard in {self.path}: {error.strerror}; name "
                "another folder with --cache"
            ) from error


def _describe(source: Source) -> list[object]:
    if source.path is None:
        raise ValueError(f"{source.name} is no recording")
    alone = [source.name, file_digest(source.path), source.speed]
    if source.beneath is None:
        return alone
    other, lower_db = source.beneath
    return [*alone, _describe(other), lower_db]
