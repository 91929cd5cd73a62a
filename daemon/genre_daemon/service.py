"""The daemon: the only file that knows all edges.

It owns the order of starting and stopping: one model and one connection for all, and a
listener on a thread of its own for every source.
"""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from genre_daemon.errors import GenreListenError
from genre_daemon.inference.bundle import SHIPPED, Bundle, read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.listener import Listener, Task
from genre_daemon.notify import Notifier
from genre_daemon.outputs import Outputs
from genre_daemon.sourcetables import SourceConfig
from genre_daemon.vigil import Vigil

if TYPE_CHECKING:
    from collections.abc import Collection

    from genre_daemon.config import Config
    from genre_daemon.mqtt.settings import MqttSettings

_log = logging.getLogger(__name__)


class Service:
    """Everything ``genre-daemon run`` runs, as a context manager.

    Making one checks bundle, certificates and files, and entering starts the broker,
    so that what cannot work is refused at once; the listeners themselves survive
    whatever comes and goes.

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
        self._tasks = _tasks(config, self._classifier)
        self._listeners: dict[str, Listener] = {}
        self._notifier = Notifier()
        self._vigil = Vigil(self._notifier)
        self._wanted: Config | None = None  # instead of the one in use
        self._stopping = False
        self._news = threading.Event()  # something to do for the thread that runs it

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
        """Have another configuration taken; any thread may ask."""
        self._wanted = config
        self._news.set()

    def stop(self) -> None:
        """Have :meth:`run` come to its end; any thread may ask."""
        self._stopping = True
        self._news.set()

    def run(self) -> None:
        """Listen until told to stop, or until all recordings and pipes are over."""
        try:
            self._employ(self._tasks)
            while not self._stopping and self._go_on():
                self._news.wait()
                self._news.clear()
                self._reload()
        finally:
            for listener in self._listeners.values():
                listener.stop()
            for listener in self._listeners.values():
                listener.join()

    def _employ(self, tasks: dict[str, Task]) -> None:
        """Have a listener for every task, and none for what is no task any more."""
        for name in self._listeners.keys() - tasks.keys():
            self._listeners.pop(name).join()
        self._vigil.watch(tasks)
        prefixes = _prefixes(tasks)
        for name in tasks.keys() - self._listeners.keys():
            self._listeners[name] = Listener(
                tasks[name],
                self._outputs.nodes[name],
                self._vigil,
                on_end=self._news.set,
                or_demo=self._or_demo,
                prefix=prefixes[name],
            )
            self._listeners[name].start()
        self._tasks = tasks

    def _go_on(self) -> bool:
        """Return whether anything is left to hear; raise what ended a listener."""
        listening = []
        for name, listener in self._listeners.items():
            if listener.failure is not None:
                raise listener.failure
            if listener.end is None:
                listening.append(name)
        over = self._listeners.keys() - listening
        if over and listening:
            for name in over:
                self._listeners[name].tell_end()
            self._vigil.watch(listening)  # those that are over give no sign any more
        return bool(listening)

    def _reload(self) -> None:
        """Take the configuration that is wanted, if one is."""
        config, self._wanted = self._wanted, None
        if config is None:
            return
        self._notifier.reloading()
        try:
            self._change(config)
        except GenreListenError as error:
            _log.warning("%s; the configuration in use is kept", error)
        else:
            _log.info("the configuration was read anew")
        self._notifier.reloaded()

    def _change(self, config: Config) -> None:
        """Make another configuration true, or raise and leave all as it was."""
        bundle = read_bundle(config.bundle)
        same_model = bundle == self._bundle
        classifier = self._classifier if same_model else Classifier(bundle)
        tasks = _tasks(config, classifier)
        for name, old in self._tasks.items():
            if same_model and name in tasks and _is_same(tasks[name], old):
                tasks[name] = old
        with ExitStack() as silence:
            # What is heard meanwhile is told afterwards, to whoever it is for then.
            for listener in self._listeners.values():
                silence.enter_context(listener.telling)
            if not same_model or _for_outputs(config) != _for_outputs(self._config):
                self._replace_outputs(config, bundle)
            else:
                self._configure_thresholds(config)
            for name, listener in self._listeners.items():
                task = tasks.get(name)
                if task is None:
                    listener.stop()
                else:
                    listener.nudge(None if task is self._tasks[name] else task)
        self._config, self._bundle, self._classifier = config, bundle, classifier
        self._employ(tasks)

    def _configure_thresholds(self, config: Config) -> None:
        for source, old in zip(config.sources, self._config.sources, strict=True):
            if source.threshold != old.threshold:
                self._outputs.nodes[source.node].configure_threshold(source)

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
            prefixes = _prefixes(outputs.nodes)
            for name in self._listeners.keys() & outputs.nodes.keys():
                self._listeners[name].attach(outputs.nodes[name], prefixes[name])


def _tasks(config: Config, classifier: Classifier) -> dict[str, Task]:
    return {source.node: Task.of(source, classifier) for source in config.sources}


def _is_same(one: Task, other: Task) -> bool:
    """Return whether nothing differs but the threshold, which is no task's own."""
    return replace(one.config, threshold=None) == replace(other.config, threshold=None)


def _prefixes(names: Collection[str]) -> dict[str, str]:
    """Return what the log lines of each listener begin with."""
    return {name: f"{name}: " if len(names) > 1 else "" for name in names}


def _for_outputs(config: Config) -> Config:
    """Return a configuration without what outputs need not know."""
    sources = tuple(SourceConfig(source.node) for source in config.sources)
    return replace(config, sources=sources, bundle=SHIPPED)
