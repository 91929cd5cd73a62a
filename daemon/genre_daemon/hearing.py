"""One source, from when it was opened to when it is closed: blocks become verdicts.

Whoever opened it asks for the next verdicts, and what is wrong with what was heard.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from genre_daemon.pipeline import Pipeline
from genre_daemon.sources.health import SignalHealth
from genre_daemon.sources.source import STALL_S, START_S
from genre_daemon.suspend import Suspension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genre_daemon.inference.classifier import Classifier
    from genre_daemon.messages import Verdict
    from genre_daemon.sources.source import Block, Source

_GRACE_S = 0.5  # for sources that notice themselves, and can say more


class Hearing:
    """What a source that was entered lets one hear.

    Parameters
    ----------
    source : Source
    classifier : Classifier
    deaf_after_s : float >= 0
        As for ``SignalHealth``, which watches over live sources.
    suspension : Suspension, optional
        Tells of the machine's sleep.
    """

    def __init__(
        self,
        source: Source,
        classifier: Classifier,
        deaf_after_s: float,
        suspension: Suspension | None = None,
    ) -> None:
        self._source = source
        self._classifier = classifier
        self._deaf_after_s = deaf_after_s
        self._suspension = suspension or Suspension()
        self._heard_s = time.monotonic()
        self._pipeline: Pipeline | None = None
        self._health: SignalHealth | None = None
        self.problem: str | None = None
        """What is wrong; empty if nothing is, None before anything has come."""

    @property
    def dropped_hops(self) -> int:
        """Hops that fell due and were not judged."""
        return 0 if self._pipeline is None else self._pipeline.dropped_hops

    @property
    def overflows(self) -> int:
        """Gaps in the audio so far."""
        return self._source.overflows

    def listen(self, timeout_s: float, threshold: float) -> list[Verdict]:
        """Wait for audio and return the verdicts that are due.

        Those reached while there is a ``problem`` are not to be told: they show only
        that the loop is alive.

        Parameters
        ----------
        timeout_s : float >= 0
        threshold : float, 0 to 1
            Confidence under which verdicts are ``unknown``.

        Raises
        ------
        AudioError
            As the source's ``read``.
        """
        blocks = _available(self._source, timeout_s)
        now_s = time.monotonic()
        idle_s = now_s - self._heard_s
        if not blocks:
            if idle_s >= _GRACE_S + (STALL_S if self._pipeline else START_S):
                self.problem = f"{self._source.name} gives nothing: is it still there?"
            return []
        self._heard_s = now_s
        pipeline = self._pipeline = self._pipeline or self._start()
        pipeline.smoother.threshold = threshold
        gap_s = self._suspension.slept_s() + (idle_s if idle_s >= STALL_S else 0.0)
        if gap_s:
            pipeline.skip(gap_s)
        verdicts = list(self._judge(blocks, pipeline))
        problem = self._health.problem if self._health else ""
        if self.problem and not problem:
            # What was heard meanwhile was not the room.
            pipeline.reset()
            verdicts = []
        self.problem = problem
        return verdicts

    def _start(self) -> Pipeline:
        rate = self._source.rate
        if self._source.live:
            self._health = SignalHealth(rate, self._deaf_after_s)
        self._suspension.slept_s()
        return Pipeline(self._classifier, rate)

    def _judge(self, blocks: list[Block], pipeline: Pipeline) -> Iterator[Verdict]:
        """Judge what is no more than a hop old.

        A machine that fell behind drops hops instead of growing a queue.
        """
        behind = sum(len(block.samples) for block in blocks)
        for block in blocks:
            behind -= len(block.samples)
            if self._health is not None:
                self._health.push(block)
            if block.lost_s:
                pipeline.skip(block.lost_s)
            recent = behind < pipeline.spec.hop_s * self._source.rate
            yield from pipeline.push(block.samples, judge=recent)


def _available(source: Source, timeout_s: float) -> list[Block]:
    """Wait for a block, then take those that piled up behind it."""
    blocks = []
    block = source.read(timeout_s)
    while block is not None:
        blocks.append(block)
        block = source.read(0.0)
    return blocks
