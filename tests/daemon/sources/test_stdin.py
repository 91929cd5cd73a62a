"""PCM that another program writes."""

from __future__ import annotations

import contextlib
import os
import pty
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import AudioError
from genre_daemon.sources.pcm import PcmFormat
from genre_daemon.sources.source import SourceFinished
from genre_daemon.sources.stdin import Stdin

if TYPE_CHECKING:
    from pathlib import Path

RATE = 8_000


def test_a_file_is_heard_no_faster_than_it_would_be_played(tmp_path: Path) -> None:
    samples = np.arange(2 * RATE, dtype="<i2")
    (tmp_path / "raw").write_bytes(samples.tobytes())
    heard = []
    with (tmp_path / "raw").open("rb") as file:
        began = time.monotonic()
        with (
            Stdin(PcmFormat(RATE), file.fileno()) as source,
            contextlib.suppress(SourceFinished),
        ):
            while True:
                block = source.read(1.0)
                if block is not None:
                    heard.append(block.samples)

    assert time.monotonic() - began > 1.5
    assert np.array_equal(
        np.concatenate(heard)[:, 0] * 32_768, samples.astype(np.float32)
    )


def test_a_writer_that_pauses_is_waited_for() -> None:
    end, start = os.pipe()
    with Stdin(PcmFormat(RATE), end) as source:
        assert source.read(0.3) is None
        os.write(start, bytes(RATE))
        block = None
        while block is None:
            block = source.read(1.0)
        assert block.samples.shape[1] == 1
    os.close(start)
    os.close(end)


def test_a_terminal_is_refused_with_an_example() -> None:
    leader, follower = pty.openpty()
    with (
        pytest.raises(
            AudioError, match=r"is a terminal: pipe PCM into it, .* --source"
        ),
        Stdin(PcmFormat(), follower),
    ):
        pass
    os.close(leader)
    os.close(follower)
