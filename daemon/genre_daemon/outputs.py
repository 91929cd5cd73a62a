"""Where verdicts go: publisher and history, and the broker where none is configured.

What others ask of the node comes in on the same wire.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from genre_daemon.history.places import history_path
from genre_daemon.history.recorder import History
from genre_daemon.history.remote import answer
from genre_daemon.mqtt.broker import EmbeddedBroker
from genre_daemon.mqtt.settings import MqttSettings, tls_context
from genre_daemon.node.publisher import Publisher
from genre_daemon.node.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genre_daemon.config import Config
    from genre_daemon.inference.bundle import BundleInfo
    from genre_daemon.messages import Verdict
    from genre_daemon.node.commands import Listening, Threshold

_log = logging.getLogger(__name__)


class Outputs:
    """The sinks of one node, as a context manager.

    Parameters
    ----------
    config : Config
    info : BundleInfo
        Of the model whose verdicts go out.

    Raises
    ------
    ConfigError
        At once, if a certificate or key cannot be used.
    """

    def __init__(self, config: Config, info: BundleInfo) -> None:
        self._config = config
        self._info = info
        self._memory = history_path(config.node).with_suffix(".json")
        self._history: History | None = None
        self._closing = ExitStack()
        self.mqtt = config.mqtt or MqttSettings()
        """Where the broker is; known once entered."""
        if self.mqtt.tls:
            tls_context(self.mqtt)
        self.wishes = self._new_wishes(config)
        """What the home asks for."""

    def __enter__(self) -> Self:
        """Start the broker if need be, open the history, and begin to connect."""
        config = self._config
        with ExitStack() as stack:
            if config.mqtt is None:
                broker = stack.enter_context(EmbeddedBroker())
                self.mqtt = replace(self.mqtt, port=broker.port, legacy=True)
                _log.info("embedded MQTT broker on %s", self.mqtt.address)
            if config.history:
                path = config.history_path or history_path(config.node)
                self._history = stack.enter_context(
                    History(
                        path,
                        days=config.history_days,
                        node=config.node,
                        model=self._info.title,
                    )
                )
            self._publisher = self._new_publisher()
            self._publisher.listening(self.wishes.listening)
            self._publisher.start()
            stack.callback(self._publisher.stop)
            self._closing = stack.pop_all()
        _log.info("node %s, model %s", config.node, self._info.title)
        return self

    def __exit__(self, *_exception: object) -> None:
        """Say ``offline`` and close everything."""
        self._closing.close()

    def verdict(self, verdict: Verdict) -> None:
        """Publish a verdict and keep it in the history."""
        self._publisher.verdict(verdict)
        if self._history is not None:
            self._history.push(time.time(), verdict.genre, verdict.confidence)

    def telemetry(self, figures: Mapping[str, float]) -> None:
        """Publish figures of the daemon itself."""
        self._publisher.telemetry(figures)

    def microphone(self, problem: str) -> None:
        """Publish how the source is: a reason, or nothing if all is well."""
        self._publisher.microphone(problem)

    def listening(self, on: bool) -> None:  # noqa: FBT001 - a switch
        """Publish whether the source is wanted."""
        self._publisher.listening(on)

    def configure_threshold(self, config: Config) -> None:
        """Take the threshold of another configuration, unless the home chose one."""
        self.wishes = self._new_wishes(config)
        self._publisher.threshold(self.wishes.threshold)

    def _new_wishes(self, config: Config) -> Wishes:
        configured = config.threshold
        if configured is None:
            configured = self._info.calibration.threshold
        return Wishes(self._memory, configured)

    def _new_publisher(self) -> Publisher:
        config = self._config
        return Publisher(
            self.mqtt,
            node=config.node,
            base_topic=config.base_topic,
            model=self._info.title,
            labels=self._info.labels,
            threshold=self.wishes.threshold,
            predictions=config.predictions,
            style=config.discovery,
            prefix=config.discovery_prefix,
            place=str(config.source or ""),
            missed=history_path(config.node).with_suffix(".missed"),
            on_command=self._obey,
            on_query=None if self._history is None else self._recall,
        )

    def _obey(self, command: Listening | Threshold) -> None:
        """Do what was asked over MQTT; called on the connection's thread."""
        self.wishes.obey(command)
        self._publisher.threshold(self.wishes.threshold)

    def _recall(self, request: bytes) -> str:
        """Answer what was asked of the past; called on the connection's thread."""
        if self._history is None:
            raise RuntimeError("no history is kept")  # it is not asked then
        return answer(request, self._history, self._config.node)
