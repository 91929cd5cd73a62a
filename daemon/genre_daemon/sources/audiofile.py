"""Audio files as sources: the same blocks as from a microphone, but at once.

WAV, FLAC, Ogg, Opus, MP3, AU and AIFF are read by libsndfile; everything else by
ffmpeg. A file is streamed: an hour of music takes no more memory than a second. What
a header says of the length is never believed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from genre_daemon.errors import AudioError
from genre_daemon.quiet import hush_libraries
from genre_daemon.sources.ffmpeg import Ffmpeg
from genre_daemon.sources.source import Block, SourceEnded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

RATES = (4_000, 384_000)
"""Hertz: the lowest and highest rate that is taken for real."""

_MAX_CHANNELS = 64
_MAX_PEAK = 100.0  # full scale is 1; decoders overshoot a little, integers by far
_IMPOSSIBLE_HEADER = 24  # libsndfile's code for no rate or no channels


class _Decoder(Protocol):
    rate: int
    channels: int

    def read(self, n: int) -> NDArray[np.float32]: ...
    def close(self) -> None: ...


class AudioFile:
    """A recording, as a source that is over when the recording is.

    Parameters
    ----------
    path : str or Path

    Notes
    -----
    Entering raises ``AudioError`` if the path leads to nothing, to a folder, or to
    something that is no audio.
    """

    overflows = 0
    live = False

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._decoder: _Decoder | None = None
        self._samples = 0

    @property
    def name(self) -> str:
        """Name of the file, without its folder."""
        return self.path.name

    @property
    def rate(self) -> int:
        """Hertz, as the file says; known once entered."""
        return 0 if self._decoder is None else self._decoder.rate

    @property
    def duration_s(self) -> float:
        """Seconds read so far; once the source has ended, those of the recording."""
        return self._samples / self.rate if self.rate else 0.0

    def __enter__(self) -> Self:
        """Open the file from its beginning."""
        _check_path(self.path)
        decoder: _Decoder
        try:
            decoder = _Sndfile(self.path)
        except _NotForUs:
            decoder = Ffmpeg(self.path)
        self._decoder, self._samples = decoder, 0
        try:
            self._check_header(decoder)
        except AudioError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._decoder is not None:
            self._decoder.close()

    def read(self, timeout_s: float = 0.0) -> Block:  # noqa: ARG002 - of every source
        """Return the next second, or what is left; a file never lets one wait.

        Raises
        ------
        SourceEnded
            When all was read.
        AudioError
            If there was nothing to read, or samples are no numbers or absurd.
        """
        if self._decoder is None:
            raise SourceEnded(f"{self.path} is not open")
        samples = self._decoder.read(self.rate)
        if not len(samples):
            if not self._samples:
                raise AudioError(
                    f"{self.path} holds no samples: record or copy it again"
                )
            raise SourceEnded(f"{self.path} is over")
        self._check_samples(samples)
        self._samples += len(samples)
        return Block(np.clip(samples, -1.0, 1.0, out=samples))

    def _check_header(self, decoder: _Decoder) -> None:
        low, high = RATES
        if not low <= decoder.rate <= high:
            raise AudioError(
                f"{self.path} says it has a rate of {decoder.rate} Hz: "
                f"{low} to {high} Hz are accepted"
            )
        if decoder.channels > _MAX_CHANNELS:
            raise AudioError(
                f"{self.path} says it has {decoder.channels} channels: "
                f"at most {_MAX_CHANNELS} are accepted"
            )

    def _check_samples(self, samples: NDArray[np.float32]) -> None:
        fine = np.abs(samples) <= _MAX_PEAK  # false for NaN, too
        if fine.all():
            return
        row, channel = (int(i) for i in np.argwhere(~fine)[0])
        value, when_s = samples[row, channel], (self._samples + row) / self.rate
        if np.isfinite(value):
            raise AudioError(
                f"{self.path} holds the sample {value:g} at {when_s:.3f} s: "
                "full scale is 1, so divide all samples by the largest"
            )
        raise AudioError(
            f"{self.path} holds a sample that is no number ({value}) at "
            f"{when_s:.3f} s: export the recording again"
        )


@contextlib.contextmanager
def open_audio(path: str | Path) -> Iterator[tuple[int, Iterator[NDArray[np.float32]]]]:
    """Open a recording and give its rate and its blocks.

    Yields
    ------
    rate : int
        Hertz.
    blocks : iterator of ndarray, shape (n, channels), float32 in [-1, 1]

    Raises
    ------
    AudioError
        As :class:`AudioFile` does.
    """
    with AudioFile(path) as source:
        yield source.rate, _blocks(source)


def _blocks(source: AudioFile) -> Iterator[NDArray[np.float32]]:
    with contextlib.suppress(SourceEnded):
        while True:
            yield source.read().samples


def _check_path(path: Path) -> None:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise AudioError(f"{path} is a folder: name the files in it")
        # Before it is opened: opening a named pipe would wait for a writer.
        if not stat.S_ISREG(status.st_mode):
            raise AudioError(f"{path} is no regular file: copy what it gives into one")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise AudioError(f"there is no file {path}: check the name") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AudioError(f"{path} cannot be opened: {reason}") from error
    if not status.st_size:
        raise AudioError(f"{path} is empty: record or copy it again")


class _NotForUs(Exception):  # noqa: N818 - means only: ask somebody else
    """libsndfile cannot read this."""


class _Sndfile:
    """A file that libsndfile can decode."""

    def __init__(self, path: Path) -> None:
        import soundfile  # noqa: PLC0415 - slow, and not needed to print a help text

        hush_libraries()
        self._error = soundfile.LibsndfileError
        self._path = path
        # By descriptor, because by name soundfile takes "x.raw" for headerless audio.
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._file = soundfile.SoundFile(self._descriptor, closefd=False)
        except self._error as error:
            os.close(self._descriptor)
            if error.code == _IMPOSSIBLE_HEADER:
                raise AudioError(
                    f"{path} has an impossible header (a rate of 0 Hz, or no "
                    "channels): export the recording again"
                ) from error
            raise _NotForUs from error
        # soundfile seeks to where it is after each read, and MP3 then starts anew
        # with an empty bit reservoir: a click. What cannot seek is left in peace.
        self._file.seekable = lambda: False
        self.rate = int(self._file.samplerate)
        self.channels = int(self._file.channels)

    def read(self, n: int) -> NDArray[np.float32]:
        """Return the next samples, shape (up to n, channels); none at the end."""
        buffer = np.empty((n, self.channels), np.float32)
        try:
            # Unlike read(), this does not stop at the length that the header says.
            count = self._file.buffer_read_into(buffer, "float32")
        except self._error as error:
            logger.warning("%s is damaged; the rest is left out: %s", self._path, error)
            count = 0
        return buffer[:count]

    def close(self) -> None:
        self._file.close()
        os.close(self._descriptor)
