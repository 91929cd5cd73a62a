"""Everything that is to be known of one file, found in one pass over it.

This is the unit of work of ``index``, ``features`` and ``fit``: it may run in this
process, in another one or on another machine, and leaves its frames in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import AudioError
from genre_train.cache import FeatureCache, file_digest
from genre_train.fingerprint import fingerprint
from genre_train.protection import protection
from genre_train.tags import read_tags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_train.collection import Track


@dataclass(frozen=True)
class Examined:
    """A file that was opened."""

    track: Track
    digest: str = ""
    """SHA-256 of its content."""
    seconds: float = 0.0
    """Its length, as decoded."""
    artist: str = ""
    album: str = ""
    words: NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    """Its fingerprint."""
    cached: bool = False
    """Whether its frames were there already."""
    fault: str = ""
    """Why it cannot be used: a sentence, or nothing."""

    @property
    def name(self) -> str:
        """Name of the track."""
        return self.track.name


def examine(track: Track, cache: FeatureCache) -> Examined:
    """Hash and decode a file, read its tags, and keep its frames.

    Raises
    ------
    ConfigError
        If the cache cannot be written to. What is wrong with the file is told in
        ``fault`` instead.
    """
    try:
        digest = file_digest(track.path)
        frames = cache.load(digest)
        cached = frames is not None
        if frames is None:
            _refuse_protected(track)
            frames = cache.frames(track.path, digest)
    except AudioError as error:
        return Examined(track, fault=str(error))
    spec = cache.spec
    samples = spec.n_fft + (len(frames) - 1) * spec.hop_length
    artist, album = read_tags(track.path)
    return Examined(
        track,
        digest,
        samples / spec.sample_rate,
        track.artist or artist,
        track.album or album,
        fingerprint(frames, spec),
        cached,
    )


def _refuse_protected(track: Track) -> None:
    locked = protection(track.path)
    if locked is not None:
        raise AudioError(
            f"{track.path} is protected ({locked}) and only the shop's own player can "
            "decode it: use a copy without protection"
        )
