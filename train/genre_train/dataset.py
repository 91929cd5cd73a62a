"""What training works on: patches with a genre, a track, and a side of the split.

Conventions
-----------
A window is a patch of any length cut from a track: shape (n_frames, n_mels),
float32, standardised over itself, exactly what the daemon hands to the model.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.features.patches import chunks_of, fill_patch, standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

TRAIN, VALID = "train", "valid"
"""The two sides of a split."""


@dataclass(frozen=True)
class Windows:
    """The windows of one side."""

    patches: NDArray[np.float32]
    """Shape (n, n_frames, n_mels), each standardised."""
    genre: NDArray[np.int64]
    """Shape (n,): index into the labels."""
    track: NDArray[np.str_]
    """Shape (n,): which track each window was cut from."""

    def __len__(self) -> int:
        return len(self.patches)

    def take(self, chosen: NDArray[np.int64]) -> Windows:
        """Return the windows with these indices, in their order."""
        return Windows(self.patches[chosen], self.genre[chosen], self.track[chosen])

    @classmethod
    def joined(cls, *parts: Windows) -> Windows:
        """Return all windows of several sides, in their order."""
        return cls(
            np.concatenate([part.patches for part in parts]),
            np.concatenate([part.genre for part in parts]),
            np.concatenate([part.track for part in parts]),
        )

    def looped(self, n_frames: int, top_db: float) -> Windows:
        """Return the windows as the daemon hears recordings this short: in a loop.

        Windows that are long enough already are cut to ``n_frames``.
        """
        patches = np.stack(
            [standardise(fill_patch(p, n_frames), top_db) for p in self.patches]
        )
        return Windows(patches, self.genre, self.track)

    def chunks(self, spec: FeatureSpec) -> NDArray[np.float32]:
        """Return what a network hears of the windows, as the daemon cuts them.

        Returns
        -------
        ndarray, shape (n, n_chunks, chunk_frames, n_mels), float32, standardised
        """
        return np.stack(
            [
                np.stack(chunks_of(fill_patch(patch, spec.patch_frames), spec))
                for patch in self.patches
            ]
        )


@dataclass(frozen=True)
class DataSet:
    """A collection ready for training."""

    name: str
    """File or folder it came from, without its path."""
    sha256: str
    """Hash over the content."""
    labels: tuple[str, ...]
    spec: FeatureSpec
    split: str
    """How the sides were chosen, in words."""
    train: Windows
    valid: Windows
    faults: tuple[str, ...] = ()
    """A sentence for each file that was left out."""
    leaky: bool = False
    """Whether a track may be on both sides: figures then say nothing of new music."""

    @property
    def sides_sha256(self) -> str:
        """Hash over which windows of which tracks are on which side."""
        told = hashlib.sha256()
        for side in (self.train, self.valid):
            told.update(f"{len(side)} {sorted(side.track.tolist())}".encode())
        return told.hexdigest()

    def counts(self) -> dict[str, Any]:
        """Return tracks and windows of each side, and training windows a genre."""
        counts: dict[str, Any] = {}
        for name, side in ((TRAIN, self.train), (VALID, self.valid)):
            per_genre = np.bincount(side.genre, minlength=len(self.labels))
            counts[name] = {
                "tracks": len(np.unique(side.track)),
                "windows": len(side),
                "per_genre": dict(
                    zip(self.labels, per_genre.tolist(), strict=True),
                ),
            }
        return counts
