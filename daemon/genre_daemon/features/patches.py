"""Rolling patch: the latest ``patch_frames`` log-mel frames, once per hop.

Patch ``k`` is due when ``patch_frames + k * hop_samples // hop_length`` frames have
come: counting samples, not adding up rounded periods, so that hops never drift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

_FLAT_DB = 1e-3  # deviation under which a patch carries nothing to standardise


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

    def push(
        self, frames: NDArray[np.float32]
    ) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Take frames and yield each patch that falls due.

        Parameters
        ----------
        frames : ndarray, shape (n, n_mels), float32, decibels

        Yields
        ------
        end : int
            Frames since the last reset up to the end of the patch.
        patch : ndarray, shape (patch_frames, n_mels), float32, standardised
        """
        spec = self._spec
        while len(frames):
            due = self._due()
            taken = min(len(frames), due - self._seen, spec.patch_frames)
            self._append(frames[:taken])
            frames = frames[taken:]
            if self._seen == due:
                self._emitted += 1
                yield self._seen, standardise(self.frames, spec.top_db)

    def reset(self) -> None:
        """Forget all frames: the next patch is due a whole window from now."""
        self._stop = 0
        self._seen = 0
        self._emitted = 0

    def _due(self) -> int:
        spec = self._spec
        return spec.patch_frames + self._emitted * spec.hop_samples // spec.hop_length

    def _append(self, frames: NDArray[np.float32]) -> None:
        if self._stop + len(frames) > len(self._buffer):
            kept = self.frames
            self._buffer[: len(kept)] = kept
            self._stop = len(kept)
        self._buffer[self._stop : self._stop + len(frames)] = frames
        self._stop += len(frames)
        self._seen += len(frames)
