"""Where verdicts go: the sinks of every node, over one connection to one broker.

Where no broker is configured, one of our own.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from genre_daemon.mqtt.broker import EmbeddedBroker
from genre_daemon.mqtt.settings import MqttSettings, tls_context
from genre_daemon.node.wire import Announcing, Wire
from genre_daemon.sinks import Sinks

if TYPE_CHECKING:
    from genre_daemon.config import Config
    from genre_daemon.inference.bundle import BundleInfo

_log = logging.getLogger(__name__)


class Outputs:
    """The sinks of all nodes of a daemon, as a context manager.

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
        self._closing = ExitStack()
        self.mqtt = config.mqtt or MqttSettings()
        """Where the broker is; known once entered."""
        if self.mqtt.tls:
            tls_context(self.mqtt)
        self.nodes: dict[str, Sinks] = {}
        """By name; there once entered."""

    def __enter__(self) -> Self:
        """Start the broker if need be, open the histories, and begin to connect."""
        config = self._config
        with ExitStack() as stack:
            if config.mqtt is None:
                broker = stack.enter_context(EmbeddedBroker())
                self.mqtt = replace(self.mqtt, port=broker.port, legacy=True)
                _log.info("embedded MQTT broker on %s", self.mqtt.address)
            wire = self._new_wire()
            for source in config.sources:
                sinks = Sinks(config, source, self._info, wire)
                self.nodes[source.node] = stack.enter_context(sinks)
            stack.callback(wire.stop)
            wire.start([sinks.publisher for sinks in self.nodes.values()])
            self._closing = stack.pop_all()
        names = ", ".join(self.nodes)
        _log.info(
            "node%s %s, model %s", "s" * (len(self.nodes) > 1), names, self._info.title
        )
        return self

    def __exit__(self, *_exception: object) -> None:
        """Say ``offline`` and close everything."""
        self._closing.close()

    def _new_wire(self) -> Wire:
        config = self._config
        return Wire(
            self.mqtt,
            daemon=config.node,
            base_topic=config.base_topic,
            announcing=Announcing(
                config.discovery, config.discovery_prefix, str(config.source or "")
            ),
        )
