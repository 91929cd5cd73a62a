"""Logits of windows that a network was not trained on: what calibration is fitted to.

A final network that was trained on everything leaves no such windows. Those of a
cross-validation of the same recipe stand in for it: each window judged by the network
that had not heard its track.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.durable import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_NAMES = ("logits", "genre", "track", "labels", "told")


@dataclass(frozen=True)
class HeldOut:
    """What a network, or several, said of windows that are held out."""

    logits: NDArray[np.float32]
    """Shape (n, n_labels)."""
    genre: NDArray[np.int64]
    """Shape (n,): index into the labels."""
    track: NDArray[np.str_]
    """Shape (n,): windows of one track are never torn apart."""
    told: str
    """Where they come from, in words, for the model card."""

    def save(self, path: Path, labels: Sequence[str]) -> None:
        """Write them as ``.npz``, in one piece or not at all."""
        with replacing(path) as file:
            np.savez_compressed(
                file,
                logits=self.logits,
                genre=self.genre,
                track=self.track,
                labels=np.array(labels),
                told=np.array(self.told),
            )


def load_held_out(path: Path, labels: Sequence[str]) -> HeldOut:
    """Read what :meth:`HeldOut.save` wrote, for a model of these labels.

    Raises
    ------
    ConfigError
        If the file cannot be used; the sentence says why.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = sorted(set(_NAMES) - set(archive.files))
            if missing:
                raise ConfigError(
                    f"{path} lacks the array {missing[0]!r}: it was not written by a "
                    "cross-validation"
                )
            arrays = {name: archive[name] for name in _NAMES}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise ConfigError(f"cannot read the logits in {path}: {error}") from error
    theirs = arrays["labels"].astype(str).tolist()
    if theirs != list(labels):
        raise ConfigError(
            f"{path} is about {', '.join(theirs)}, the model names "
            f"{', '.join(labels)}: cross-validate with the labels of the model"
        )
    logits, genre = arrays["logits"].astype(np.float32), arrays["genre"]
    shape = (len(genre), len(theirs))
    if logits.shape != shape or len(arrays["track"]) != len(genre) or not len(genre):
        raise ConfigError(
            f"{path}: logits must have the shape {shape} and track one entry a window, "
            f"got {logits.shape} and {len(arrays['track'])}"
        )
    told = str(arrays["told"])
    return HeldOut(logits, genre.astype(np.int64), arrays["track"].astype(str), told)
