"""Audio files to log-mel frames with the daemon's own stages, kept in a cache.

A cached file is named after the spec and the content of the audio, so that renaming
a collection costs nothing and changing a file or a number is noticed. It is written
in one step: what is there is whole.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import AudioError
from genre_daemon.features.logmel import LogMel
from genre_daemon.features.patches import fill_patch, standardise
from genre_daemon.features.resample import Resampler, downmix
from genre_daemon.sources.audiofile import open_audio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec


def default_cache() -> Path:
    """Return the folder for cached features, as the XDG base directories say."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "genre-listen" / "features"


def compute_frames(path: Path, spec: FeatureSpec) -> NDArray[np.float32]:
    """Decode a file and return its frames, shape (n, n_mels), float32, decibels.

    Raises
    ------
    AudioError
        If the file cannot be decoded or is shorter than one frame.
    """
    logmel = LogMel(spec)
    with open_audio(path) as (rate, blocks):
        resampler = Resampler(rate, spec.sample_rate)
        frames = [logmel.push(resampler.push(downmix(block))) for block in blocks]
    tail = resampler.push(np.empty(0, np.float32), last=True)
    frames.append(logmel.push(tail))
    joined = np.concatenate(frames)
    if not len(joined):
        raise AudioError(
            f"{path} is shorter than one frame "
            f"({1e3 * spec.n_fft / spec.sample_rate:.0f} ms)"
        )
    return joined


def cut_windows(frames: NDArray[np.float32], spec: FeatureSpec) -> NDArray[np.float32]:
    """Cut frames into half-overlapping patches; loop what is shorter than one.

    Returns
    -------
    ndarray, shape (n, patch_frames, n_mels), float32
        Each standardised, as the daemon does.
    """
    length = spec.patch_frames
    if len(frames) < length:
        frames = fill_patch(frames, length)
    starts = range(0, len(frames) - length + 1, length // 2)
    return np.stack(
        [standardise(frames[start : start + length], spec.top_db) for start in starts]
    )


@dataclass(frozen=True)
class FeatureCache:
    """Frames of files, computed once.

    Parameters
    ----------
    folder : Path
        Made when first needed.
    spec : FeatureSpec
    """

    folder: Path
    spec: FeatureSpec

    def frames(self, path: Path, digest: str) -> NDArray[np.float32]:
        """Return the frames of a file, from the cache if they are there.

        Parameters
        ----------
        digest : str
            Hash of the file's content.

        Raises
        ------
        AudioError
            If the file is not cached and cannot be decoded.
        """
        place = self.folder / self.spec.digest / f"{digest[:32]}.npy"
        cached = _load(place, self.spec.n_mels)
        if cached is not None:
            return cached
        frames = compute_frames(path, self.spec)
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as file:
            np.save(file, frames)
        partial.replace(place)
        return frames


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises
    ------
    AudioError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioError(f"cannot read {path}: {error.strerror}") from error


def _load(place: Path, n_mels: int) -> NDArray[np.float32] | None:
    try:
        frames = np.load(place, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None  # absent, or damaged by something else: it is computed again
    fits = frames.ndim == 2 and frames.shape[1] == n_mels and len(frames)  # noqa: PLR2004 - axes
    return frames if fits and frames.dtype == np.float32 else None
