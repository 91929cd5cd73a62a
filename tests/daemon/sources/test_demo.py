"""The built-in demo: music that the code makes, at the speed of a microphone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.sources.demo import SILENCE_S, Demo
from genre_daemon.sources.styles import LENGTH_S, STYLES, render
from genre_daemon.sources.synth import RATE, hertz, partials

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACES = range(len(STYLES))


@pytest.mark.parametrize("place", PLACES)
def test_each_piece_is_finite_fits_and_is_as_loud_as_music(place: int) -> None:
    piece = render(place)

    assert piece.shape == (round(LENGTH_S * RATE),)
    assert piece.dtype == np.float32
    assert np.isfinite(piece).all()
    assert np.abs(piece).max() <= 1.0
    assert -20.0 < 20 * np.log10(piece.std()) < -14.0


def test_a_piece_is_the_same_every_time_and_they_go_round() -> None:
    assert np.array_equal(render(2), render(2))
    assert np.array_equal(render(2), render(2 + len(STYLES)))


def test_the_pieces_differ_in_their_spectra() -> None:
    pieces = [render(place) for place in PLACES]
    bands = [
        np.log(
            [part.sum() for part in np.array_split(np.abs(np.fft.rfft(piece)) ** 2, 40)]
        )
        for piece in pieces
    ]
    for a in PLACES:
        for b in PLACES[:a]:
            assert np.abs(bands[a] - bands[b]).mean() > 0.3


def test_a_note_has_its_pitch_and_its_harmonics() -> None:
    spectrum = np.abs(np.fft.rfft(partials(69, 1.0, (1.0, 0.5))))

    assert hertz(69) == 440.0
    assert np.argmax(spectrum) == 440
    assert spectrum[880] == pytest.approx(spectrum[440] / 2, rel=0.01)


def test_pieces_are_followed_by_silence_that_is_no_dead_wire() -> None:
    n = round((LENGTH_S + SILENCE_S) * RATE)
    blocks: list[NDArray[np.float32]] = []
    with Demo(paced=False) as demo:
        while sum(block.size for block in blocks) < n + RATE:
            block = demo.read(0.0)
            assert block is not None
            blocks.append(block.samples)
    heard = np.concatenate(blocks)
    pause = heard[round((LENGTH_S + 0.1) * RATE) : n]

    assert np.array_equal(heard[: round(LENGTH_S * RATE)], render(0))
    assert -85.0 < 20 * np.log10(pause.std()) < -70.0
    assert np.array_equal(heard[n:][:RATE], render(1)[:RATE])


def test_blocks_come_when_they_have_been_played() -> None:
    with Demo() as demo:
        began = time.monotonic()
        heard = 0
        while heard < RATE:
            block = demo.read(1.0)
            assert block is not None
            heard += block.samples.size
            assert time.monotonic() - began >= heard / RATE - 1.0 / RATE
        assert time.monotonic() - began < 1.8


def test_a_short_wait_gives_no_block_and_loses_none() -> None:
    with Demo(paced=False) as reference, Demo() as demo:
        assert demo.read(0.01) is None
        block, expected = demo.read(2.0), reference.read(0.0)

    assert block is not None
    assert expected is not None
    assert np.array_equal(block.samples, expected.samples)


def test_after_being_left_alone_it_does_not_rush() -> None:
    with Demo() as demo:
        demo.read(1.0)
        time.sleep(2.2)
        at_once = 0
        while demo.read(0.0) is not None:
            at_once += 1

    assert at_once <= 5  # a second's worth, not the two that have passed


def test_it_starts_anew_when_it_is_entered_again() -> None:
    demo = Demo(paced=False)
    with demo:
        first = demo.read(0.0)
    with demo:
        again = demo.read(0.0)

    assert first is not None
    assert again is not None
    assert np.array_equal(first.samples, again.samples)
