"""Plain samples as bytes: the formats, and how they become floats."""

from __future__ import annotations

import os
import select
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENCODINGS = {"s16le": "<i2", "s32le": "<i4", "f32le": "<f4", "f32be": ">f4"}
"""Names of encodings, as ffmpeg and PulseAudio spell them, and numpy's for them."""


@dataclass(frozen=True)
class PcmFormat:
    """What bytes without a header mean."""

    rate: int = 44_100
    """Hertz."""
    channels: int = 1
    encoding: str = "s16le"
    """One of ``ENCODINGS``."""

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * np.dtype(ENCODINGS[self.encoding]).itemsize


def to_float(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Return samples as finite float32 in [-1, 1], whatever a driver or pipe gave.

    Parameters
    ----------
    samples : ndarray, any shape
        Signed integers of 16 or 32 bits at full scale, or floats.
    """
    if np.issubdtype(samples.dtype, np.signedinteger):
        full_scale = -float(np.iinfo(samples.dtype).min)
        return samples.astype(np.float32) / np.float32(full_scale)
    clean = np.nan_to_num(samples.astype(np.float32), copy=False)
    return np.clip(clean, -1.0, 1.0, out=clean)


class PcmReader:
    """Samples from a file descriptor that may let one wait.

    Parameters
    ----------
    descriptor : int
        Open for reading; it stays open.
    pcm : PcmFormat
    """

    def __init__(self, descriptor: int, pcm: PcmFormat) -> None:
        self._descriptor = descriptor
        self._pcm = pcm
        self._rest = b""  # of a sample that was cut in two

    def read(self, most: int, timeout_s: float) -> NDArray[np.float32]:
        """Wait until so many samples have come, or take those that have in time.

        Parameters
        ----------
        most : int > 0
        timeout_s : float >= 0

        Returns
        -------
        ndarray, shape (n, channels), float32 in [-1, 1]
            n from 0 to ``most``.

        Raises
        ------
        EOFError
            When the other end was closed and all was read.
        """
        size = self._pcm.frame_bytes
        data = self._gather(most * size, time.monotonic() + timeout_s)
        whole = len(data) - len(data) % size
        self._rest = data[whole:]
        samples = np.frombuffer(data[:whole], ENCODINGS[self._pcm.encoding])
        return to_float(samples).reshape(-1, self._pcm.channels)

    def _gather(self, most: int, until: float) -> bytes:
        """Return up to ``most`` bytes, begun with those that were left."""
        data = bytearray(self._rest)
        while len(data) < most:
            left_s = max(0.0, until - time.monotonic())
            try:
                more = read_available(self._descriptor, most - len(data), left_s)
            except EOFError:
                if len(data) < self._pcm.frame_bytes:
                    raise
                break  # it will be said again
            if not more:
                break
            data += more
        return bytes(data)


def read_available(descriptor: int, most: int, timeout_s: float) -> bytes:
    """Return up to ``most`` bytes that are there; none if none came in time.

    Raises
    ------
    EOFError
        When there will never be more.
    """
    ready, _, _ = select.select([descriptor], [], [], timeout_s)
    if not ready:
        return b""
    data = os.read(descriptor, most)
    if not data:
        raise EOFError
    return data
