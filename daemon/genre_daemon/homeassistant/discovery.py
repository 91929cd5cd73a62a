"""What Home Assistant is told about a node, so that it needs no configuration.

One device with its entities, as MQTT discovery describes it: all in one message, or
for installations before 2024.11 one message an entity.

Conventions
-----------
Topics and payloads only; nothing here sends. Everything is retained.

References
----------
https://www.home-assistant.io/integrations/mqtt/#discovery-messages-and-availability
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from genre_daemon import __version__
from genre_daemon.homeassistant.entities import entities, online
from genre_daemon.node.topics import daemon_topic

if TYPE_CHECKING:
    from genre_daemon.homeassistant.entities import Config
    from genre_daemon.homeassistant.identity import Identity


class Style(StrEnum):
    """How a node announces itself."""

    DEVICE = "device"
    """One message; Home Assistant 2024.11 and later."""
    SINGLE = "single"
    """One message an entity."""
    OFF = "off"


@dataclass(frozen=True)
class Retained:
    """A message that the broker keeps."""

    topic: str
    payload: str


@dataclass(frozen=True)
class Discovery:
    """How and as what one node announces itself.

    Parameters
    ----------
    identity : Identity
    root : str
        Topic under which the node publishes.
    labels : tuple of str
        Genres that the model can name.
    prefix : str
        What Home Assistant calls the discovery prefix.
    style : Style
    daemon : str
        Name of the daemon that this node shares with others; empty if it is alone.
    """

    identity: Identity
    root: str
    labels: tuple[str, ...]
    prefix: str = "homeassistant"
    style: Style = Style.DEVICE
    daemon: str = ""

    def messages(self) -> list[Retained]:
        """Return the messages that make the device."""
        if self.style is Style.OFF:
            return []
        whole = {**self._frame(), **online(self._alive()), "qos": 1}
        described = self.entities()
        if self.style is Style.DEVICE:
            topic = f"{self.prefix}/device/{self.identity.id}/config"
            return [Retained(topic, _text({**whole, "components": described}))]
        messages = []
        for key, entity in described.items():
            platform = entity.pop("platform")
            topic = f"{self.prefix}/{platform}/{self.identity.id}/{key}/config"
            messages.append(Retained(topic, _text({**whole, **entity})))
        return messages

    def entities(self) -> dict[str, Config]:
        """Return the entities by the last part of their ids."""
        described = entities(self.root, self.labels, self._alive())
        slug = _slug(self._name())
        for key, entity in described.items():
            entity["unique_id"] = f"{self.identity.id}_{key}"
            suffix = f"_{_slug(entity['name'])}" if entity["name"] else ""
            entity["default_entity_id"] = f"{entity['platform']}.{slug}{suffix}"
        return described

    def _alive(self) -> tuple[str, ...]:
        """Return the topics that say whether the node is there."""
        own = f"{self.root}/availability"
        if not self.daemon:
            return (own,)
        base_topic = self.root.removesuffix(f"/{self.identity.node}")
        return own, daemon_topic(base_topic, self.daemon)

    def _name(self) -> str:
        words = self.identity.node.replace("-", " ").replace("_", " ").strip()
        return f"{words[:1].upper()}{words[1:]} music"

    def _frame(self) -> Config:
        return {
            "device": {
                "identifiers": [self.identity.id],
                "name": self._name(),
                "manufacturer": "genre-listen",
                "model": "Music genre listener",
                "sw_version": __version__,
            },
            "origin": {
                "name": "genre-listen",
                "sw_version": __version__,
            },
        }


def _text(payload: Config) -> str:
    return json.dumps(payload, separators=(",", ":"))


def _slug(words: str) -> str:
    """Return words as Home Assistant spells them in an entity id."""
    return "_".join(words.lower().replace("-", " ").split())
