"""One source on a thread of its own, and what is heard there carried to its sinks.

It is opened again whenever it is lost. A source that is slow, hangs or is gone holds up
this thread and no other.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from genre_daemon.errors import AudioError
from genre_daemon.hearing import Hearing
from genre_daemon.sources.address import DEMO
from genre_daemon.sources.choose import choose
from genre_daemon.sources.source import NoAnswer, NoMicrophone, SourceFinished

if TYPE_CHECKING:
    from collections.abc import Callable

    from genre_daemon.inference.classifier import Classifier
    from genre_daemon.messages import Verdict
    from genre_daemon.sinks import Sinks
    from genre_daemon.sources.source import Source
    from genre_daemon.sourcetables import SourceConfig
    from genre_daemon.vigil import Vigil

_log = logging.getLogger(__name__)

_READ_TIMEOUT_S = 0.5
_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 30.0
_CLOSE_S = 2.0


@dataclass(frozen=True)
class Task:
    """What to listen to, and with which model."""

    config: SourceConfig
    source: Source
    classifier: Classifier

    @classmethod
    def of(cls, config: SourceConfig, classifier: Classifier) -> Self:
        """Return the task that a configuration sets.

        Raises
        ------
        AudioError
            If it names a file that cannot be played.
        """
        source = choose(config.device, config.pcm)
        return cls(config, source, classifier)


class Listener:
    """Listens to one source until it is stopped.

    Parameters
    ----------
    task : Task
    sinks : Sinks
    vigil : Vigil
    on_end : callable
        Called, on this listener's thread, when a recording is over or it has failed.
    or_demo : bool
        Play the built-in demo where there is no microphone.
    prefix : str
        What log lines begin with, where there are several listeners.
    """

    def __init__(  # noqa: PLR0913 - said once, in the service
        self,
        task: Task,
        sinks: Sinks,
        vigil: Vigil,
        *,
        on_end: Callable[[], None],
        or_demo: bool = False,
        prefix: str = "",
    ) -> None:
        self.telling = threading.Lock()
        """Held while anything is told: who holds it may give it other sinks."""
        self.end: str | None = None
        """Why there is nothing more to hear, of a recording that is over."""
        self.failure: BaseException | None = None
        """What must not have happened, and ended the thread."""
        self._task = task
        self._sinks = sinks
        self._vigil = vigil
        self._on_end = on_end
        self._or_demo = or_demo
        self._prefix = prefix
        self._stopping = False
        self._nudged = threading.Event()  # to stop, or to take another task
        self._problem: str | None = None  # what was last said of the source
        self._retry_s = _FIRST_RETRY_S
        self._started_at = time.monotonic()
        self._dropped_hops = 0
        self._overflows = 0
        name = f"listen-{sinks.node}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to listen, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Begin to stop; nothing is told any more."""
        self._stopping = True
        self._nudged.set()

    def join(self) -> None:
        """Wait until the source is closed, but not for one that hangs."""
        if self._thread.is_alive():
            self._thread.join(_CLOSE_S)

    def nudge(self, task: Task | None = None) -> None:
        """Have it try again at once, or do something else; ``telling`` is held."""
        if task is not None:
            self._task, self.end = task, None
        self._nudged.set()

    def attach(self, sinks: Sinks, prefix: str) -> None:
        """Tell others from now on; ``telling`` is held."""
        self._sinks = sinks
        self._prefix = prefix
        self._problem = None

    def tell_end(self) -> None:
        """Say that the recording is over, to a daemon that goes on without it."""
        if self.end is not None:
            self._tell_problem(self.end)

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._attempt(self._task)
        except BaseException as error:  # noqa: BLE001 - raised again by the service
            self.failure = error
            self._on_end()

    def _attempt(self, task: Task) -> None:
        """Open the source, and listen until it is lost or not wanted any more."""
        self._nudged.clear()
        if self._stopping or not self._is_wanted():
            return
        try:
            with task.source as source:
                self._listen(source, task)
        except SourceFinished as end:
            _log.info("%s%s", self._prefix, end)
            self._wait_for_another(task, str(end))
        except AudioError as error:
            self._lose(error, task)

    def _wait_for_another(self, task: Task, end: str) -> None:
        """Say that this is over, and wait for something else to do."""
        with self.telling:
            if self._task is task:
                self.end = end
        self._on_end()
        while self._task is task and not self._stopping:
            self._nudged.wait()
            self._nudged.clear()

    def _is_wanted(self) -> bool:
        """Say whether to listen; the source is closed by the time "off" is said."""
        wishes = self._sinks.wishes
        if not wishes.settled():
            with self.telling:
                self._sinks.listening(False)
                self._problem = None
            self._vigil.waiting(self._sinks.node, "not listening, as asked")
            if not wishes.wait_for_listening(_READ_TIMEOUT_S):
                return False
        with self.telling:
            self._sinks.listening(True)
        return True

    def _listen(self, source: Source, task: Task) -> None:
        hearing = Hearing(source, task.classifier, task.config.deaf_after_s)
        dropped, overflows = self._dropped_hops, self._overflows
        while self._sinks.wishes.listening and self._task is task:
            if self._stopping:
                return
            threshold = self._sinks.wishes.threshold
            verdicts = hearing.listen(_READ_TIMEOUT_S, threshold)
            if hearing.problem is not None:
                self._tell_health(hearing.problem, source)
            self._dropped_hops = dropped + hearing.dropped_hops
            self._overflows = overflows + hearing.overflows
            for verdict in verdicts:
                self._tell(verdict, hearing.problem or "", task)

    def _lose(self, error: AudioError, task: Task) -> None:
        """Say why there is no source, and wait before another try."""
        if isinstance(error, NoMicrophone) and self._or_demo:
            _log.warning(
                "%s%s. Playing the built-in demo instead.", self._prefix, error
            )
            with self.telling:
                if self._task is task:
                    self._task = replace(task, source=choose(DEMO, task.config.pcm))
            return
        self._tell_health(str(error), task.source)
        unsure = isinstance(error, NoAnswer)
        sign = self._vigil.unanswered if unsure else self._vigil.waiting
        sign(self._sinks.node, str(error))
        until = time.monotonic() + self._retry_s
        while self._sinks.wishes.listening and time.monotonic() < until:
            if self._nudged.wait(_READ_TIMEOUT_S):
                return
        self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)

    def _tell_health(self, problem: str, source: Source) -> None:
        """Say how the source is: one line a change."""
        if not problem:
            self._or_demo = False  # a microphone that was there is waited for
            self._retry_s = _FIRST_RETRY_S
        if not self._tell_problem(problem):
            return
        if problem:
            _log.warning("%s%s", self._prefix, problem)
        else:
            name, rate = source.name, source.rate
            _log.info("%slistening to %s at %d Hz", self._prefix, name, rate)

    def _tell_problem(self, problem: str) -> bool:
        """Publish how the source is; return whether that is news."""
        with self.telling:
            if problem == self._problem or self._stopping:
                return False
            self._problem = problem
            self._sinks.microphone(problem)
            return True

    def _tell(self, verdict: Verdict, problem: str, task: Task) -> None:
        figures = {
            "level_dbfs": round(verdict.prediction.level_dbfs, 1),
            "inference_ms": round(verdict.prediction.inference_ms, 2),
            "dropped_hops": self._dropped_hops,
            "overflows": self._overflows,
            "uptime_s": round(time.monotonic() - self._started_at, 1),
        }
        with self.telling:
            if self._stopping or self._task is not task:
                return  # the sinks may be those of another model by now
            if not problem:
                self._sinks.verdict(verdict)
            self._sinks.telemetry(figures)
        self._vigil.fresh_verdict(self._sinks.node, problem or verdict.genre)
