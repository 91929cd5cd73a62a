"""What an experiment works on: examples of any kind, each of a track and a genre."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Examples:
    """Examples of one kind, each with its genre and track."""

    inputs: tuple[NDArray[np.float32], ...]
    """What the network is shown, one array an input, each of shape (n, ...)."""
    genre: NDArray[np.int64]
    """Shape (n,): index into the labels."""
    track: NDArray[np.str_]
    """Shape (n,): the track that each example was cut from."""

    def __len__(self) -> int:
        return len(self.genre)

    def take(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> Examples:
        """Return the examples with these indices or where this is true."""
        return Examples(
            tuple(array[chosen] for array in self.inputs),
            self.genre[chosen],
            self.track[chosen],
        )


@dataclass(frozen=True)
class Material:
    """All examples that there are, with the split that came with them."""

    examples: Examples
    held_out: NDArray[np.bool_]
    """Shape (n,): whether the honest split holds the example out."""
    labels: tuple[str, ...]
    split: str
    """How the honest split was chosen, in words."""
    paths: dict[str, str]
    """The files or folders it came from, by kind, as absolute paths."""
    sha256: str
    """Hash over the content."""
    faults: tuple[str, ...] = ()
    """A sentence for each file that was left out."""
    patch_frames: int | None = None
    """Length of the log-mel windows, where there are any."""

    def showing(self, *inputs: NDArray[np.float32]) -> Material:
        """Return the same examples with other inputs, shapes (n, ...)."""
        return replace(self, examples=replace(self.examples, inputs=inputs))

    def first_genres(self, count: int) -> Material:
        """Keep the first genres in the order of their names, all if ``count`` is 0."""
        if not 0 < count < len(self.labels):
            return self
        kept = self.examples.genre < count
        return replace(
            self,
            examples=self.examples.take(kept),
            held_out=self.held_out[kept],
            labels=self.labels[:count],
        )


def overlapping(material: Material, n_frames: int, count: int) -> Material:
    """Cut every log-mel window into clips that overlap, evenly spaced.

    Parameters
    ----------
    material : Material
        With one input of shape (n, frames, n_mels).
    n_frames : int
        Frames of a clip, at most those of a window.
    count : int >= 1
        Clips of a window.

    Returns
    -------
    Material
        With ``count`` times as many examples, those of a window one after the other.
        They are not standardised again: the caller's input does what it needs.
    """
    windows = material.examples.inputs[0]
    starts = np.linspace(0, windows.shape[1] - n_frames, count).round().astype(int)
    clips = np.stack([windows[:, start : start + n_frames] for start in starts], axis=1)
    examples = Examples(
        (clips.reshape(-1, n_frames, windows.shape[2]),),
        np.repeat(material.examples.genre, count),
        np.repeat(material.examples.track, count),
    )
    return replace(
        material,
        examples=examples,
        held_out=np.repeat(material.held_out, count),
        patch_frames=n_frames,
    )
