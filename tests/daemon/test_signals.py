"""Signals reach the main thread, whichever thread the kernel gave them to."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from genre_daemon.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def signals() -> Iterator[Signals]:
    numbers = (signal.SIGUSR1, signal.SIGHUP)
    former = [signal.getsignal(number) for number in numbers]
    with Signals(*numbers) as taken:
        yield taken
    for number, handler in zip(numbers, former, strict=True):
        signal.signal(number, handler)


def test_a_signal_is_waited_for(signals: Signals) -> None:
    assert signals.wait(0.0) is None
    os.kill(os.getpid(), signal.SIGHUP)
    assert signals.wait(30.0) == signal.SIGHUP
    assert signals.wait(0.0) is None


def test_signals_come_in_order(signals: Signals) -> None:
    signals.send(signal.SIGUSR1)
    signals.send(signal.SIGHUP)
    assert [signals.wait(30.0), signals.wait(30.0)] == [signal.SIGUSR1, signal.SIGHUP]


@pytest.mark.skipif(
    not hasattr(signal, "pthread_kill"), reason="a signal cannot be sent to a thread"
)
def test_a_signal_that_another_thread_gets_wakes_the_main_one(
    signals: Signals,
) -> None:
    started, over = threading.Event(), threading.Event()

    def other() -> None:
        started.set()
        over.wait(60.0)

    thread = threading.Thread(target=other)
    thread.start()
    started.wait(30.0)
    assert thread.ident is not None
    threading.Timer(0.2, signal.pthread_kill, (thread.ident, signal.SIGUSR1)).start()
    assert signals.wait(30.0) == signal.SIGUSR1
    over.set()
    thread.join()


def test_after_leaving_sending_does_no_harm() -> None:
    former = signal.getsignal(signal.SIGUSR1)
    with Signals(signal.SIGUSR1) as left:
        pass
    left.send(signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, former)
