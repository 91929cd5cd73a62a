"""Frames of files, kept on disk: computed once, and believed only if whole.

A file is named after the spec and the content of the audio, so that renaming a
collection costs nothing and changing a file or a number is noticed. It is a ``.npy``
of float32, shape (n, n_mels), with a seal behind it that NumPy does not mind. The
same audio gives the same bytes, whoever computes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import AudioError, ConfigError
from genre_train.durable import PARTIAL, is_sealed, sealing
from genre_train.features import stream_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

_ABANDONED_S = 24 * 3600.0


def default_cache() -> Path:
    """Return the folder for cached features, as the XDG base directories say."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "genre-listen" / "features"


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

    def place(self, digest: str) -> Path:
        """Return where the frames of a file with this hash of its content are kept."""
        return self.folder / self.spec.digest / f"{digest[:32]}.npy"

    def load(self, digest: str) -> NDArray[np.float32] | None:
        """Return frames that are there and whole, else None.

        Returns
        -------
        ndarray, shape (n, n_mels), float32, decibels
            Mapped from the file, for reading only: an hour takes no memory.
        """
        place = self.place(digest)
        if not is_sealed(place):
            return None
        try:
            frames = np.load(place, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError):
            return None
        fits = frames.ndim == 2 and frames.shape[1] == self.spec.n_mels and len(frames)  # noqa: PLR2004 - axes
        return frames if fits and frames.dtype == np.float32 else None

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
        ConfigError
            If the cache cannot be written to.
        """
        cached = self.load(digest)
        if cached is None:
            self._compute(path, digest)
            cached = self.load(digest)
        if cached is None:
            raise ConfigError(
                f"{self.place(digest)} was written and cannot be read back: the disk "
                "may be failing; name another folder with --cache"
            )
        return cached

    def sweep(self) -> None:
        """Remove what writers that were killed left behind a day ago or earlier."""
        before = time.time() - _ABANDONED_S
        for partial in self.folder.glob(f"*/*{PARTIAL}"):
            with contextlib.suppress(FileNotFoundError):  # another one sweeps, too
                if partial.stat().st_mtime < before:
                    partial.unlink()

    def _compute(self, path: Path, digest: str) -> None:
        """Decode a file into the cache, a second at a time."""
        count = 0
        try:
            with sealing(self.place(digest)) as file:
                file.write(_header(0, self.spec.n_mels))
                for frames in stream_frames(path, self.spec):
                    count += len(frames)
                    file.write(frames.astype("<f4", copy=False).tobytes())
                file.seek(0)
                file.write(_header(count, self.spec.n_mels))
        except OSError as error:
            raise ConfigError(
                f"cannot keep features in {self.folder}: {error.strerror}; name "
                "another folder with --cache"
            ) from error


def _header(n_frames: int, n_mels: int) -> bytes:
    """Return the beginning of a ``.npy``; its size is the same for any ``n_frames``."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header,
        {"descr": "<f4", "fortran_order": False, "shape": (n_frames, n_mels)},
    )
    return header.getvalue()
