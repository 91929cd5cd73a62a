"""Whether there is a microphone or other source, opens, and hears."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.doctor import level
from genre_daemon.doctor.finding import Finding, note, problem, well
from genre_daemon.errors import AudioError
from genre_daemon.sources.address import Kind, kind_of
from genre_daemon.sources.choose import choose
from genre_daemon.sources.devices import list_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from genre_daemon.config import Config
    from genre_daemon.sources.source import Source
    from genre_daemon.sourcetables import SourceConfig

CHECK = "microphone"

_LISTEN_S = 3.0
_PATIENCE_S = 10.0  # a sound server that slept takes a while


def check(config: Config) -> Iterator[Finding]:
    """Open every configured source and listen to it for some seconds."""
    several = len(config.sources) > 1
    for source in config.sources:
        try:
            for finding in _examine(source):
                found = f"{source.node}: {finding.found}" if several else finding.found
                yield replace(finding, found=found)
        except AudioError as error:
            # The others are examined all the same.
            name = f"{source.node}: " if several else ""
            yield problem(CHECK, f"{name}{error}")


def _examine(config: SourceConfig) -> Iterator[Finding]:
    kind = kind_of(config.device)
    if kind is Kind.DEMO:
        yield well(CHECK, "none needed: the built-in demo is played")
        return
    if kind is Kind.STDIN:
        yield note(CHECK, "standard input can be examined only while it is heard")
        return
    more = _others() if kind is Kind.MICROPHONE else ""
    with choose(config.device, config.pcm) as source:
        samples = _listen(source)
        if not len(samples):
            yield problem(
                CHECK,
                f"{source.name!r} opens and delivers nothing",
                "plug it in again, or restart the sound server",
            )
            return
        channels = f"{samples.shape[1]} channel{'s' * (samples.shape[1] != 1)}"
        yield well(CHECK, f"{source.name}: {source.rate} Hz, {channels}{more}")
        if source.overflows:
            yield problem(
                CHECK,
                f"{source.overflows} gaps in {_LISTEN_S:g} s",
                "the machine is too busy, or the USB bus is: stop other programs",
            )
    if not source.live:
        return  # a recording may be as silent or as loud as it likes
    finding = level.judge(samples, may_be_silent=not config.deaf_after_s)
    if kind is Kind.STREAM and finding.remedy:
        finding = replace(finding, remedy="listen to what the server sends")
    yield finding


def _others() -> str:
    """Return how many other inputs there are, for people; nothing if none."""
    count = len(list_inputs()) - 1
    return f" ({count} more: genre-daemon devices)" if count > 0 else ""


def _listen(source: Source) -> NDArray[np.float32]:
    """Return up to ``_LISTEN_S`` seconds, shape (n, channels)."""
    blocks: list[NDArray[np.float32]] = []
    missing = round(_LISTEN_S * source.rate)
    until = time.monotonic() + _PATIENCE_S
    while missing > 0 and time.monotonic() < until:
        block = source.read(0.5)
        if block is not None:
            samples = block.samples.reshape(len(block.samples), -1)
            blocks.append(samples)
            missing -= len(samples)
    return np.concatenate(blocks) if blocks else np.empty((0, 1), np.float32)
