"""A source becomes verdicts, and its faults a sentence."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Self

import numpy as np
import pytest

from genre_daemon.hearing import Hearing
from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.sources import styles
from genre_daemon.sources.health import MUTED
from genre_daemon.sources.source import Block
from genre_daemon.suspend import Suspension

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.messages import Verdict

RATE = 22_050
SECOND = np.zeros(RATE, np.float32)


class Tape:
    """A source that gives a second of what was put on it at a time."""

    name = "tape"
    rate = RATE
    overflows = 0

    def __init__(self, *, live: bool = True) -> None:
        self.live = live
        self._blocks: list[Block] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def put(self, samples: NDArray[np.float32], lost_s: float = 0.0) -> None:
        """Have this come next."""
        self._blocks.append(Block(samples, lost_s))

    def read(self, timeout_s: float) -> Block | None:  # noqa: ARG002 - of every source
        """Return the next block."""
        return self._blocks.pop(0) if self._blocks else None


class Listener:
    """Asks second by second, as the service does."""

    def __init__(self, tape: Tape, deaf_after_s: float = 3.0) -> None:
        self.tape = tape
        self.asleep_s = 0.0
        suspension = Suspension(lambda: 0.0, lambda: self.asleep_s)
        classifier = Classifier(read_bundle(SHIPPED))
        self.hearing = Hearing(tape, classifier, deaf_after_s, suspension)
        self.problems: list[str | None] = []

    def hear(self, samples: NDArray[np.float32], lost_s: float = 0.0) -> list[Verdict]:
        """Return the verdicts over some seconds."""
        found = []
        for second in np.array_split(samples, max(1, len(samples) // RATE)):
            self.tape.put(second, lost_s)
            lost_s = 0.0
            found += self.hearing.listen(0.0, 0.4)
            self.problems.append(self.hearing.problem)
        return found


@pytest.fixture(scope="module")
def music() -> NDArray[np.float32]:
    """A piece of the demo."""
    return styles.render(0)


def test_before_anything_has_come_nothing_is_known() -> None:
    listener = Hearing(Tape(), Classifier(read_bundle(SHIPPED)), 3.0)
    assert listener.listen(0.0, 0.4) == []
    assert listener.problem is None


def test_a_muted_source_is_a_problem_and_heard_anew_afterwards(
    music: NDArray[np.float32],
) -> None:
    listener = Listener(Tape())
    assert len(listener.hear(music[: 8 * RATE])) == 3
    assert listener.hear(np.tile(SECOND, 6))  # the loop is alive, though deaf
    assert listener.hear(music[: 8 * RATE])[0].since_s > 14.0 + 5.0
    changes = [problem for problem, _ in itertools.groupby(listener.problems)]
    assert changes == ["", MUTED, ""]


def test_a_recording_may_be_silent_as_long_as_it_likes() -> None:
    listener = Listener(Tape(live=False))
    listener.hear(np.tile(SECOND, 20))
    assert set(listener.problems) == {""}


def test_a_source_that_pauses_is_a_problem_until_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, music: NDArray[np.float32]
) -> None:
    now = [100.0]
    monkeypatch.setattr("genre_daemon.hearing.time.monotonic", lambda: now[0])
    listener = Listener(Tape())
    before = listener.hear(music[: 7 * RATE])
    now[0] += 2.6
    assert listener.hearing.listen(0.0, 0.4) == []
    assert listener.hearing.problem == "tape gives nothing: is it still there?"
    now[0] += 3_600.0
    after = listener.hear(music[: 7 * RATE])
    assert listener.hearing.problem == ""
    assert len(before) == 2
    # The pause counts as time, and nothing heard before it is believed any more.
    assert after[0].since_s == after[0].time_s > 3_600.0


def test_after_a_sleep_no_patch_spans_it_and_since_is_new(
    music: NDArray[np.float32],
) -> None:
    listener = Listener(Tape())
    before = listener.hear(music[: 8 * RATE])
    listener.asleep_s = 7_200.0
    after = listener.hear(music[8 * RATE : 16 * RATE])
    assert len(before) == 3
    assert len(after) == 3  # as many as fit behind the gap: no burst of hops
    assert after[0].time_s == pytest.approx(8 + 7_200 + 5.085, abs=0.1)
    assert after[0].since_s == after[0].time_s
