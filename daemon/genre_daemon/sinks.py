"""Where the verdicts of one node go: publisher and history; and what is asked of it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from genre_daemon.history.places import history_path
from genre_daemon.history.recorder import History
from genre_daemon.history.remote import answer
from genre_daemon.node.publisher import Publisher
from genre_daemon.node.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genre_daemon.config import Config
    from genre_daemon.inference.bundle import BundleInfo
    from genre_daemon.messages import Verdict
    from genre_daemon.node.commands import Listening, Threshold
    from genre_daemon.node.wire import Wire
    from genre_daemon.sourcetables import SourceConfig


class Sinks:
    """The sinks of one node, as a context manager.

    Parameters
    ----------
    config : Config
    source : SourceConfig
        The one of its sources that this node speaks of.
    info : BundleInfo
        Of the model whose verdicts go out.
    wire : Wire
        The connection, to be started and stopped by others.
    """

    def __init__(
        self, config: Config, source: SourceConfig, info: BundleInfo, wire: Wire
    ) -> None:
        self.node = source.node
        """Its name."""
        self._info = info
        self._memory = history_path(self.node).with_suffix(".json")
        self.wishes = self._new_wishes(source)
        """What the home asks for."""
        self._history: History | None = None
        if config.history:
            self._history = History(
                config.history_path or history_path(self.node),
                days=config.history_days,
                node=self.node,
                model=info.title,
            )
        self.publisher = Publisher(
            wire,
            node=self.node,
            model=info.title,
            labels=info.labels,
            threshold=self.wishes.threshold,
            predictions=config.predictions,
            missed=history_path(self.node).with_suffix(".missed"),
            on_command=self._obey,
            on_query=None if self._history is None else self._recall,
        )
        """Its voice on the wire."""
        self.publisher.listening(self.wishes.listening)
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        """Open the history."""
        if self._history is not None:
            self._closing.enter_context(self._history)
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close it."""
        self._closing.close()

    def verdict(self, verdict: Verdict) -> None:
        """Publish a verdict and keep it in the history."""
        self.publisher.verdict(verdict)
        if self._history is not None:
            self._history.push(time.time(), verdict.genre, verdict.confidence)

    def telemetry(self, figures: Mapping[str, float]) -> None:
        """Publish figures of the listener itself."""
        self.publisher.telemetry(figures)

    def microphone(self, problem: str) -> None:
        """Publish how the source is: a reason, or nothing if all is well."""
        self.publisher.microphone(problem)

    def listening(self, on: bool) -> None:  # noqa: FBT001 - a switch
        """Publish whether the source is wanted."""
        self.publisher.listening(on)

    def configure_threshold(self, source: SourceConfig) -> None:
        """Take the threshold of another configuration, unless the home chose one."""
        self.wishes = self._new_wishes(source)
        self.publisher.threshold(self.wishes.threshold)

    def _new_wishes(self, source: SourceConfig) -> Wishes:
        configured = source.threshold
        if configured is None:
            configured = self._info.calibration.threshold
        return Wishes(self._memory, configured)

    def _obey(self, command: Listening | Threshold) -> None:
        """Do what was asked over MQTT; called on the connection's thread."""
        self.wishes.obey(command)
        self.publisher.threshold(self.wishes.threshold)

    def _recall(self, request: bytes) -> str:
        """Answer what was asked of the past; called on the connection's thread."""
        if self._history is None:
            raise RuntimeError("no history is kept")  # it is not asked then
        return answer(request, self._history, self.node)
