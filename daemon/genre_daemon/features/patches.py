"""Rolling patch: the latest ``patch_frames`` log-mel frames, once per hop.

The network hears a patch in overlapping chunks, a hop apart, and each is standardised
by itself: so a chunk is the same in every patch that holds it, and has to be judged
only once.

References
----------
M. Won, A. Ferraro, D. Bogdanov and X. Serra, "Evaluation of CNN-based automatic music
tagging models", SMC 2020 (short chunks, whose outputs are averaged).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

_FLAT_DB = 1e-3  # deviation under which a chunk carries nothing to standardise


class Patch(NamedTuple):
    """The frames of one window."""

    number: int
    """Counted from 0 since the last reset."""
    stop: int
    """Frames since the last reset up to the end of the patch."""
    frames: NDArray[np.float32]
    """Shape (patch_frames, n_mels), decibels; valid until more frames are pushed."""


def standardise(frames: NDArray[np.float32], top_db: float) -> NDArray[np.float32]:
    """Clip levels under the maximum, then scale to zero mean and unit variance.

    Any gain or offset of the decibel values cancels, so loudness does not matter.

    Parameters
    ----------
    frames : ndarray, shape (n_frames, n_mels), float32, decibels
    top_db : float > 0
        Decibels under the maximum at which levels are clipped.

    Returns
    -------
    ndarray, shape (n_frames, n_mels), float32
        All zero if the levels are all equal, as in digital silence.
    """
    floor = np.float32(frames.max() - np.float32(top_db))
    clipped: NDArray[np.float32] = np.maximum(frames, floor)
    clipped -= clipped.mean()
    deviation = float(np.sqrt(np.mean(np.square(clipped))))  # the mean is gone
    if deviation < _FLAT_DB:
        return np.zeros_like(clipped)
    clipped /= np.float32(deviation)
    return clipped


def chunks_of(
    frames: NDArray[np.float32], spec: FeatureSpec, number: int = 0
) -> list[NDArray[np.float32]]:
    """Cut a patch into its chunks, the oldest first, each standardised.

    Parameters
    ----------
    frames : ndarray, shape (patch_frames, n_mels), float32
        Decibels, or any affine image of them that was not clipped further.
    number : int
        Of the patch: a hop is no whole number of frames.

    Returns
    -------
    list of ndarray, shape (chunk_frames, n_mels), float32, standardised
        ``spec.n_chunks`` of them.
    """
    return [chunk_of(frames, spec, stop) for stop in spec.chunk_stops(number)]


def chunk_of(
    frames: NDArray[np.float32], spec: FeatureSpec, stop: int
) -> NDArray[np.float32]:
    """Cut the one chunk that ends before the frame ``stop``, and standardise it."""
    return standardise(frames[stop - spec.chunk_frames : stop], spec.top_db)


def fill_patch(frames: NDArray[np.float32], n_frames: int) -> NDArray[np.float32]:
    """Repeat frames, oldest first, until there are ``n_frames`` of them.

    A recording shorter than a window is heard as if it were played in a loop.

    Raises
    ------
    ValueError
        If there are no frames at all.
    """
    if not len(frames):
        raise ValueError("a patch needs at least one frame, got none")
    repeats = -(-n_frames // len(frames))
    return np.tile(frames, (repeats, 1))[:n_frames]


class Patches:
    """Cut a stream of frames into overlapping patches.

    Parameters
    ----------
    spec : FeatureSpec
        Length of a patch and distance of two.
    """

    def __init__(self, spec: FeatureSpec) -> None:
        self._spec = spec
        # Twice the patch, so that the frames move to the front only now and then.
        self._buffer = np.empty((2 * spec.patch_frames, spec.n_mels), np.float32)
        self.reset()

    @property
    def frames(self) -> NDArray[np.float32]:
        """The latest frames, at most a patch of them, oldest first (a view)."""
        start = max(0, self._stop - self._spec.patch_frames)
        return self._buffer[start : self._stop]

    @property
    def started(self) -> bool:
        """Whether a patch has come since the last reset."""
        return self._emitted > 0

    def push(self, frames: NDArray[np.float32]) -> Iterator[Patch]:
        """Take frames and yield each patch that falls due.

        Parameters
        ----------
        frames : ndarray, shape (n, n_mels), float32, decibels

        Yields
        ------
        Patch
        """
        while len(frames):
            due = self._spec.due(self._emitted)
            taken = min(len(frames), due - self._seen, self._spec.patch_frames)
            self._append(frames[:taken])
            frames = frames[taken:]
            if self._seen == due:
                self._emitted += 1
                yield Patch(self._emitted - 1, self._seen, self.frames)

    def reset(self) -> None:
        """Forget all frames: the next patch is due a whole window from now."""
        self._stop = 0
        self._seen = 0
        self._emitted = 0

    def _append(self, frames: NDArray[np.float32]) -> None:
        if self._stop + len(frames) > len(self._buffer):
            kept = self.frames
            self._buffer[: len(kept)] = kept
            self._stop = len(kept)
        self._buffer[self._stop : self._stop + len(frames)] = frames
        self._stop += len(frames)
        self._seen += len(frames)
