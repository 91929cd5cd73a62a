"""Bytes to samples, whatever pieces they come in."""

from __future__ import annotations

import contextlib
import os
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.sources.pcm import ENCODINGS, PcmFormat, PcmReader, to_float


def test_integers_become_fractions_of_full_scale() -> None:
    assert np.array_equal(
        to_float(np.array([[-32_768, 0, 16_384]], np.int16)), [[-1.0, 0.0, 0.5]]
    )
    assert np.array_equal(
        to_float(np.array([-(2**31), 2**30], np.int32)), np.array([-1.0, 0.5])
    )


def test_what_is_no_number_or_beyond_full_scale_is_made_harmless() -> None:
    samples = np.array([[np.nan, np.inf, -7.0, 0.25]], np.float32)

    assert np.array_equal(to_float(samples), [[0.0, 1.0, -1.0, 0.25]])


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=20, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 40), min_size=1, max_size=8),
    channels=st.integers(1, 8),
)
def test_samples_arrive_whole_and_in_order_however_they_are_written(
    encoding: str, cuts: list[int], channels: int
) -> None:
    pcm = PcmFormat(8_000, channels, encoding)
    expected = np.linspace(-0.5, 0.5, 96 * channels).reshape(-1, channels)
    kind = np.dtype(ENCODINGS[encoding])
    scale = 2.0 ** (8 * kind.itemsize - 1) if kind.kind == "i" else 1.0
    data = (expected * scale).astype(kind).tobytes()
    end, start = os.pipe()

    def write() -> None:
        rest, turn = data, 0
        while rest:
            n = cuts[turn % len(cuts)]
            os.write(start, rest[:n])
            rest, turn = rest[n:], turn + 1
        os.write(start, b"?")  # half a sample at the end, or none
        os.close(start)

    writer = threading.Thread(target=write)
    writer.start()
    reader, heard = PcmReader(end, pcm), []
    with contextlib.suppress(EOFError):
        while True:
            heard.append(reader.read(7, 30.0))
    writer.join()
    os.close(end)

    assert np.allclose(np.concatenate(heard), expected, atol=2**-14)
    assert all(len(samples) == 7 for samples in heard[:-1])


def test_what_there_is_in_time_is_taken_and_nothing_is_none() -> None:
    end, start = os.pipe()
    os.write(start, bytes(6))
    reader = PcmReader(end, PcmFormat(8_000, 2))

    assert reader.read(100, 0.0).shape == (1, 2)
    assert reader.read(100, 0.0).shape == (0, 2)
    os.write(start, bytes(2))
    assert reader.read(100, 0.0).shape == (1, 2)
    os.close(start)
    os.close(end)
