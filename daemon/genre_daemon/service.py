"""The daemon: the only file that knows all edges.

It owns the order of starting and stopping, opens the source again whenever it is
lost, and carries what is heard to the outputs and to the service manager.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from genre_daemon.errors import AudioError, GenreListenError
from genre_daemon.hearing import Hearing
from genre_daemon.inference.bundle import SHIPPED, Bundle, read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.notify import Notifier
from genre_daemon.outputs import Outputs
from genre_daemon.sources.address import DEMO
from genre_daemon.sources.choose import choose
from genre_daemon.sources.pcm import PcmFormat
from genre_daemon.sources.source import NoAnswer, NoMicrophone, SourceFinished

if TYPE_CHECKING:
    from genre_daemon.config import Config
    from genre_daemon.messages import Verdict
    from genre_daemon.mqtt.settings import MqttSettings
    from genre_daemon.sources.source import Source

_log = logging.getLogger(__name__)

_READ_TIMEOUT_S = 0.5
_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 30.0


class Service:
    """Everything ``genre-daemon run`` runs, as a context manager.

    Making one checks bundle, certificates and file, and entering starts the broker,
    so that what cannot work is refused at once; the loop itself survives whatever
    comes and goes.

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
        self._classifier = Classifier(self._bundle)
        self._outputs = Outputs(config, self._bundle.info)
        self._source = choose(config.device, config.pcm)
        self._notifier = Notifier()
        self._wanted: Config | None = None  # instead of the one in use
        self._changed = threading.Event()
        self._problem: str | None = None  # what was last said of the source
        self._retry_s = _FIRST_RETRY_S
        self._started_at = time.monotonic()
        self._dropped_hops = 0
        self._overflows = 0

    @property
    def mqtt(self) -> MqttSettings:
        """Where the broker is; known once entered."""
        return self._outputs.mqtt

    def __enter__(self) -> Self:
        self._outputs.__enter__()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._notifier.stopping()
        self._outputs.__exit__()

    def reload(self, config: Config) -> None:
        """Have the loop take another configuration; any thread may ask."""
        self._wanted = config
        self._changed.set()

    def run(self, stop: threading.Event) -> None:
        """Listen until told to stop or until a recording or pipe is over."""
        while not stop.is_set():
            self._reload()
            if not self._is_wanted():
                continue
            try:
                with self._source as source:
                    self._listen(source, stop)
            except SourceFinished as end:
                _log.info("%s", end)
                return
            except AudioError as error:
                self._lose(error, stop)

    def _is_wanted(self) -> bool:
        """Say whether to listen; the source is closed by the time "off" is said."""
        wishes = self._outputs.wishes
        if not wishes.settled():
            self._outputs.listening(False)
            self._problem = None
            self._notifier.waiting("not listening, as asked")
            if not wishes.wait_for_listening(_READ_TIMEOUT_S):
                return False
        self._outputs.listening(True)
        return True

    def _listen(self, source: Source, stop: threading.Event) -> None:
        """Carry what a source gives, until it is lost or not wanted any more."""
        hearing = Hearing(source, self._classifier, self._config.deaf_after_s)
        dropped, overflows = self._dropped_hops, self._overflows
        while self._outputs.wishes.listening and not stop.is_set():
            if self._reload():
                return
            threshold = self._outputs.wishes.threshold
            verdicts = hearing.listen(_READ_TIMEOUT_S, threshold)
            if hearing.problem is not None:
                self._tell_health(hearing.problem, source)
            self._dropped_hops = dropped + hearing.dropped_hops
            self._overflows = overflows + hearing.overflows
            for verdict in verdicts:
                self._tell(verdict, hearing.problem or "")

    def _lose(self, error: AudioError, stop: threading.Event) -> None:
        """Say why there is no source, and wait before another try."""
        if isinstance(error, NoMicrophone) and self._or_demo:
            _log.warning("%s. Playing the built-in demo instead.", error)
            self._source = choose(DEMO, self._config.pcm)
            return
        self._tell_health(str(error), self._source)
        if isinstance(error, NoAnswer):
            self._notifier.status(str(error))
        else:
            self._notifier.waiting(str(error))
        until = time.monotonic() + self._retry_s
        while self._outputs.wishes.listening and time.monotonic() < until:
            if stop.wait(_READ_TIMEOUT_S) or self._changed.is_set():
                return
        self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)

    def _tell_health(self, problem: str, source: Source) -> None:
        """Say how the source is: one line a change."""
        if not problem:
            self._or_demo = False  # a microphone that was there is waited for
            self._retry_s = _FIRST_RETRY_S
        if problem == self._problem:
            return
        self._problem = problem
        self._outputs.microphone(problem)
        if problem:
            _log.warning("%s", problem)
        else:
            _log.info("listening to %s at %d Hz", source.name, source.rate)

    def _tell(self, verdict: Verdict, problem: str) -> None:
        if not problem:
            self._outputs.verdict(verdict)
        self._outputs.telemetry(
            {
                "level_dbfs": round(verdict.prediction.level_dbfs, 1),
                "inference_ms": round(verdict.prediction.inference_ms, 2),
                "dropped_hops": self._dropped_hops,
                "overflows": self._overflows,
                "uptime_s": round(time.monotonic() - self._started_at, 1),
            }
        )
        self._notifier.fresh_verdict(problem or verdict.genre)

    def _reload(self) -> bool:
        """Take the configuration that is wanted; True if the source is another."""
        if not self._changed.is_set():
            return False
        self._changed.clear()
        config, self._wanted = self._wanted, None
        if config is None:
            return False
        self._notifier.reloading()
        try:
            anew = self._change(config)
        except GenreListenError as error:
            _log.warning("%s; the configuration in use is kept", error)
            anew = False
        else:
            _log.info("the configuration was read anew")
        self._notifier.reloaded()
        return anew

    def _change(self, config: Config) -> bool:
        """Make another configuration true, or raise and leave all as it was."""
        old = self._config
        bundle = read_bundle(config.bundle)
        classifier = self._classifier if bundle == self._bundle else Classifier(bundle)
        source = choose(config.device, config.pcm)
        if _for_outputs(config) != _for_outputs(old) or bundle != self._bundle:
            self._replace_outputs(config, bundle)
        elif config.threshold != old.threshold:
            self._outputs.configure_threshold(config)
        same = (config.device, config.pcm, config.deaf_after_s) == (
            old.device,
            old.pcm,
            old.deaf_after_s,
        )
        anew = not same or classifier is not self._classifier
        if not same:
            self._source = source
        self._config, self._bundle, self._classifier = config, bundle, classifier
        return anew

    def _replace_outputs(self, config: Config, bundle: Bundle) -> None:
        """Close the outputs and open others, or the same again if that fails."""
        outputs = Outputs(config, bundle.info)
        self._outputs.__exit__()
        try:
            outputs.__enter__()
        except GenreListenError:
            outputs = Outputs(self._config, self._bundle.info)
            outputs.__enter__()
            raise
        finally:
            self._outputs = outputs
            self._problem = None


def _for_outputs(config: Config) -> Config:
    """Return a configuration without what outputs need not know."""
    return replace(
        config,
        device="",
        pcm=PcmFormat(),
        deaf_after_s=0.0,
        threshold=None,
        bundle=SHIPPED,
    )
