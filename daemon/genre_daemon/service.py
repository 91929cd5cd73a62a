"""The daemon: the only file that knows all edges.

It owns the order of starting and stopping, and the loop that carries blocks from the
source through the pipeline to publisher, history and service manager.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from genre_daemon.errors import AudioError
from genre_daemon.history.places import history_path
from genre_daemon.history.recorder import History
from genre_daemon.history.remote import answer
from genre_daemon.inference.bundle import read_bundle
from genre_daemon.mqtt.broker import EmbeddedBroker
from genre_daemon.mqtt.settings import MqttSettings
from genre_daemon.node.publisher import Publisher
from genre_daemon.node.wishes import Wishes
from genre_daemon.notify import Notifier
from genre_daemon.pipeline import Pipeline
from genre_daemon.sources.capture import Microphone
from genre_daemon.sources.demo import Demo
from genre_daemon.sources.source import Block, NoMicrophone

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from genre_daemon.config import Config
    from genre_daemon.messages import Verdict
    from genre_daemon.node.commands import Listening, Threshold
    from genre_daemon.sources.source import Source

_log = logging.getLogger(__name__)

DEMO = "demo"
"""The device name that stands for the built-in demo."""

_READ_TIMEOUT_S = 0.5
_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 30.0


class Service:
    """Everything ``genre-daemon run`` runs, as a context manager.

    Entering checks the bundle and starts the broker, so that what cannot work is
    refused at once; the loop itself survives whatever comes and goes.

    Parameters
    ----------
    config : Config
    or_demo : bool
        Play the built-in demo where there is no microphone.
    """

    def __init__(self, config: Config, *, or_demo: bool = False) -> None:
        self._config = config
        self._or_demo = or_demo
        self._bundle = read_bundle(config.bundle)
        threshold = config.threshold
        if threshold is None:
            threshold = self._bundle.info.calibration.threshold
        memory = history_path(config.node).with_suffix(".json")
        self._wishes = Wishes(memory, threshold)
        self._notifier = Notifier()
        self._history: History | None = None
        self._closing = ExitStack()
        self._started_at = time.monotonic()
        self._dropped_hops = 0
        self._overflows = 0
        self.mqtt = config.mqtt or MqttSettings()
        """Where the broker is; known once entered."""

    def __enter__(self) -> Self:
        config, info = self._config, self._bundle.info
        # A model that the runtime refuses is told now, not when a microphone comes.
        Pipeline(self._bundle, info.spec.sample_rate)
        with ExitStack() as stack:
            stack.callback(self._notifier.stopping)
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
                        model=info.title,
                    )
                )
            self._publisher = self._new_publisher()
            self._publisher.listening(self._wishes.listening)
            self._publisher.start()
            stack.callback(self._publisher.stop)
            self._closing = stack.pop_all()
        _log.info("node %s, model %s", config.node, info.title)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._closing.close()

    def run(self, stop: threading.Event) -> None:
        """Listen until told to stop, reopening the source whenever it is lost."""
        retry_s = _FIRST_RETRY_S
        while not stop.is_set():
            # Said here, so that "off" is true by the time it is said.
            self._publisher.listening(self._wishes.listening)
            if not self._wishes.wait_for_listening(_READ_TIMEOUT_S):
                self._notifier.status("not listening, as asked")
                continue
            self._publisher.listening(True)
            try:
                with self._source() as source:
                    _log.info("listening to %s at %d Hz", source.name, source.rate)
                    self._or_demo = False  # a microphone that was there is waited for
                    self._publisher.microphone("")
                    retry_s = _FIRST_RETRY_S
                    self._listen(source, stop)
            except AudioError as error:
                if isinstance(error, NoMicrophone) and self._or_demo:
                    _log.warning("%s. Playing the built-in demo instead.", error)
                    self._config = replace(self._config, device=DEMO)
                    continue
                if retry_s == _FIRST_RETRY_S:
                    _log.warning("%s", error)
                self._publisher.microphone(str(error))
                self._notifier.status(str(error))
                self._wait(retry_s, stop)
                retry_s = min(2 * retry_s, _LONGEST_RETRY_S)

    def _wait(self, seconds: float, stop: threading.Event) -> None:
        """Wait before another try, unless nobody wants one any more."""
        until = time.monotonic() + seconds
        while self._wishes.listening and time.monotonic() < until:
            if stop.wait(_READ_TIMEOUT_S):
                return

    def _new_publisher(self) -> Publisher:
        config, info = self._config, self._bundle.info
        return Publisher(
            self.mqtt,
            node=config.node,
            base_topic=config.base_topic,
            model=info.title,
            labels=info.labels,
            threshold=self._wishes.threshold,
            predictions=config.predictions,
            style=config.discovery,
            prefix=config.discovery_prefix,
            place=str(config.source or ""),
            on_command=self._obey,
            on_query=None if self._history is None else self._recall,
        )

    def _source(self) -> Source:
        device = self._config.device
        return Demo() if device == DEMO else Microphone(device)

    def _listen(self, source: Source, stop: threading.Event) -> None:
        pipeline = Pipeline(self._bundle, source.rate)
        dropped, overflows = self._dropped_hops, self._overflows
        while self._wishes.listening and not stop.is_set():
            pipeline.smoother.threshold = self._wishes.threshold
            for verdict in _verdicts(source, pipeline):
                self._dropped_hops = dropped + pipeline.dropped_hops
                self._overflows = overflows + source.overflows
                self._tell(verdict)

    def _tell(self, verdict: Verdict) -> None:
        self._publisher.verdict(verdict)
        self._publisher.telemetry(
            {
                "level_dbfs": round(verdict.prediction.level_dbfs, 1),
                "inference_ms": round(verdict.prediction.inference_ms, 2),
                "dropped_hops": self._dropped_hops,
                "overflows": self._overflows,
                "uptime_s": round(time.monotonic() - self._started_at, 1),
            }
        )
        if self._history is not None:
            self._history.push(time.time(), verdict.genre, verdict.confidence)
        self._notifier.fresh_verdict(verdict.genre)

    def _obey(self, command: Listening | Threshold) -> None:
        """Do what was asked over MQTT; called on the connection's thread."""
        self._wishes.obey(command)
        self._publisher.threshold(self._wishes.threshold)

    def _recall(self, request: bytes) -> str:
        """Answer what was asked of the past; called on the connection's thread."""
        if self._history is None:
            raise RuntimeError("no history is kept")  # it is not asked then
        return answer(request, self._history, self._config.node)


def _verdicts(source: Source, pipeline: Pipeline) -> Iterator[Verdict]:
    """Take all the audio that is there, and judge what is no more than a hop old.

    A machine that fell behind drops hops instead of growing a queue.
    """
    blocks = _available(source)
    behind = sum(len(block.samples) for block in blocks)
    for block in blocks:
        behind -= len(block.samples)
        if block.lost_s:
            pipeline.skip(block.lost_s)
        recent = behind < pipeline.spec.hop_s * source.rate
        yield from pipeline.push(block.samples, judge=recent)


def _available(source: Source) -> list[Block]:
    """Wait for a block, then take those that piled up behind it."""
    blocks = []
    block = source.read(_READ_TIMEOUT_S)
    while block is not None:
        blocks.append(block)
        block = source.read(0.0)
    return blocks
