"""The ring between the audio callback and the loop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.sources.ring import Ring

if TYPE_CHECKING:
    from numpy.typing import NDArray


def ramp(start: int, n: int, channels: int = 1) -> NDArray[np.float32]:
    """Return samples that count up from ``start``, the same in each channel."""
    count = np.arange(start, start + n, dtype=np.float32)
    return np.repeat(count[:, None], channels, axis=1)


def test_what_goes_in_comes_out_in_order() -> None:
    ring = Ring(10, 2)
    ring.write(ramp(0, 4, 2))
    ring.write(ramp(4, 3, 2))

    samples, lost = ring.read(100)

    assert np.array_equal(samples, ramp(0, 7, 2))
    assert lost == 0
    assert ring.available == 0


def test_an_empty_ring_gives_no_samples_and_no_loss() -> None:
    samples, lost = Ring(10, 2).read(5)

    assert samples.shape == (0, 2)
    assert lost == 0


def test_at_most_the_wanted_number_is_taken() -> None:
    ring = Ring(10, 1)
    ring.write(ramp(0, 8))

    assert np.array_equal(ring.read(3)[0], ramp(0, 3))
    assert ring.available == 5


def test_blocks_wrap_around_the_end() -> None:
    ring = Ring(10, 1)
    ring.write(ramp(0, 7))
    ring.read(7)
    ring.write(ramp(7, 6))

    assert np.array_equal(ring.read(10)[0], ramp(7, 6))


def test_what_was_read_is_a_copy() -> None:
    ring = Ring(4, 1)
    ring.write(ramp(0, 4))
    samples, _ = ring.read(4)
    ring.write(ramp(100, 4))

    assert np.array_equal(samples, ramp(0, 4))


def test_a_block_that_does_not_fit_is_dropped_and_counted() -> None:
    ring = Ring(10, 1)
    ring.write(ramp(0, 8))
    ring.write(ramp(8, 5))

    assert ring.losses == 1
    assert np.array_equal(ring.read(100)[0], ramp(0, 8))

    ring.write(ramp(13, 4))
    samples, lost = ring.read(100)

    assert np.array_equal(samples, ramp(13, 4))
    assert lost == 5
    assert ring.losses == 1


def test_a_loss_told_by_the_driver_lies_before_its_block() -> None:
    ring = Ring(20, 1)
    ring.write(ramp(0, 4))
    ring.write(ramp(10, 4), lost=6)

    before, lost_before = ring.read(100)
    after, lost_after = ring.read(100)

    assert (len(before), lost_before) == (4, 0)
    assert (len(after), lost_after) == (4, 6)
    assert ring.losses == 1


def test_more_losses_than_can_be_marked_become_one_longer_loss() -> None:
    ring = Ring(1_000, 1)
    for _ in range(100):
        ring.write(ramp(0, 1), lost=2)
    told = 0
    while ring.available:
        samples, lost = ring.read(9)
        told += len(samples) + lost
    ring.write(ramp(0, 1))

    samples, lost = ring.read(9)

    assert told + len(samples) + lost == 301


@given(
    capacity=st.integers(1, 50),
    steps=st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 3), st.integers(1, 60)),
        max_size=60,
    ),
)
def test_every_sample_is_delivered_in_order_or_counted_as_lost(
    capacity: int, steps: list[tuple[int, int, int]]
) -> None:
    ring = Ring(capacity, 1)
    sent = 0
    heard = 0
    for n, lost, most in steps:
        ring.write(ramp(sent + lost, n), lost=lost)
        sent += n + lost
        samples, missing = ring.read(most)
        assert np.array_equal(samples, ramp(heard + missing, len(samples)))
        heard += missing + len(samples)
    while ring.available:
        samples, missing = ring.read(7)
        assert np.array_equal(samples, ramp(heard + missing, len(samples)))
        heard += missing + len(samples)

    assert heard + ring._pending == sent


def test_two_threads_lose_nothing_that_is_not_told() -> None:
    ring = Ring(997, 2)
    total = 400_000
    done = threading.Event()

    def produce() -> None:
        sent = 0
        sizes = np.random.default_rng(440).integers(1, 300, 10_000)
        for size in sizes:
            n = min(int(size), total - sent)
            ring.write(ramp(sent, n, 2))
            sent += n
            if sent == total:
                break
        done.set()

    writer = threading.Thread(target=produce)
    writer.start()
    heard = 0
    while not (done.is_set() and not ring.available):
        samples, lost = ring.read(128)
        assert np.array_equal(samples, ramp(heard + lost, len(samples), 2))
        heard += lost + len(samples)
    writer.join()

    assert heard + ring._pending == total
