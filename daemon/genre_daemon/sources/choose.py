"""The source that a configuration asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from genre_daemon.sources.address import Kind, kind_of
from genre_daemon.sources.capture import Microphone
from genre_daemon.sources.demo import Demo
from genre_daemon.sources.stdin import Stdin
from genre_daemon.sources.stream import Stream

if TYPE_CHECKING:
    from genre_daemon.sources.pcm import PcmFormat
    from genre_daemon.sources.source import Source


def choose(device: str, pcm: PcmFormat) -> Source:
    """Return the source that ``audio.device`` names, not yet entered.

    Parameters
    ----------
    device : str
        See ``address.kind_of``.
    pcm : PcmFormat
        What bytes on standard input mean.

    Raises
    ------
    AudioError
        If it is a file that cannot be played.
    """
    kind = kind_of(device)
    if kind is Kind.FILE:
        # libsndfile takes a while to load, and a microphone does without.
        from genre_daemon.sources.playback import Playback  # noqa: PLC0415

        return Playback(Path(device).expanduser())
    if kind is Kind.STREAM:
        return Stream(device)
    if kind is Kind.STDIN:
        return Stdin(pcm)
    return Demo() if kind is Kind.DEMO else Microphone(device)
