"""The entities of a node in Home Assistant: what each shows, and where it reads it.

Conventions
-----------
``root`` is the topic under which the node publishes, ``alive`` are those that say
whether it is there. An entity is described in Home Assistant's own words, without its
ids. Templates are Jinja, over the payload.
"""

from __future__ import annotations

from typing import Any

from genre_daemon.messages import STATES
from genre_daemon.node.report import (
    EVENT_TYPE,
    HEARTBEAT_S,
    MICROPHONE_OK,
    MICROPHONE_PROBLEM,
)

EXPIRE_S = int(3 * HEARTBEAT_S)
"""Seconds without a word after which a reading counts as unavailable."""

Config = dict[str, Any]


def entities(
    root: str, labels: tuple[str, ...], alive: tuple[str, ...]
) -> dict[str, Config]:
    """Return all entities by a key that no other entity of the node has."""
    hearing = _hearing(root, alive)
    return {
        **_heard(root, labels, hearing),
        **_controls(root),
        **_diagnostics(root, hearing),
    }


def online(alive: tuple[str, ...]) -> Config:
    """Return the availability of the node itself."""
    topics: Config = {"availability": [{"topic": topic} for topic in alive]}
    return topics if len(alive) == 1 else {**topics, "availability_mode": "all"}


def _hearing(root: str, alive: tuple[str, ...]) -> Config:
    """Return the availability of what needs a microphone that works and is open."""
    microphone = {
        "topic": f"{root}/microphone",
        "value_template": f"{{{{ 'online' if value == '{MICROPHONE_OK}'"
        " else 'offline' }}",
    }
    return {
        "availability": [*online(alive)["availability"], microphone],
        "availability_mode": "all",
    }


def _from_state(expression: str) -> str:
    """Return a template over the state, which is empty while nothing is known."""
    return f"{{{{ ({expression}) if value_json is defined else None }}}}"


def _heard(root: str, labels: tuple[str, ...], hearing: Config) -> dict[str, Config]:
    """Return what a room sounds like."""
    state = {
        "state_topic": f"{root}/state",
        "expire_after": EXPIRE_S,
        **hearing,
    }
    return {
        "genre": {
            "platform": "sensor",
            "name": None,  # the main entity is called as the device
            "device_class": "enum",
            "options": list(dict.fromkeys((*labels, *STATES))),
            "icon": "mdi:music",
            "value_template": _from_state("value_json.genre"),
            **state,
        },
        "confidence": {
            "platform": "sensor",
            "name": "Confidence",
            "state_class": "measurement",
            "unit_of_measurement": "%",
            "suggested_display_precision": 0,
            "icon": "mdi:percent-circle-outline",
            "value_template": _from_state("(value_json.confidence * 100) | round(1)"),
            **state,
        },
        "playing": {
            "platform": "binary_sensor",
            "name": "Playing",
            "device_class": "sound",
            "value_template": _from_state("'ON' if value_json.music else 'OFF'"),
            **state,
        },
        "changed": {
            "platform": "event",
            "name": "Genre changed",
            "event_types": [EVENT_TYPE],
            "icon": "mdi:swap-horizontal",
            "state_topic": f"{root}/event",
            **hearing,
        },
    }


def _controls(root: str) -> dict[str, Config]:
    """Return what can be set."""
    return {
        "listening": {
            "platform": "switch",
            "name": "Listening",
            "icon": "mdi:microphone",
            "state_topic": f"{root}/listening",
            "command_topic": f"{root}/set/listening",
            "payload_on": "on",
            "payload_off": "off",
        },
        "threshold": {
            "platform": "number",
            "name": "Confidence threshold",
            "entity_category": "config",
            "icon": "mdi:tune-variant",
            "min": 0,
            "max": 1,
            "step": 0.01,
            "mode": "slider",
            "state_topic": f"{root}/threshold",
            "command_topic": f"{root}/set/threshold",
        },
    }


def _diagnostics(root: str, hearing: Config) -> dict[str, Config]:
    """Return what tells of trouble: the microphone, and figures for the curious."""
    ms = {"unit_of_measurement": "ms", "device_class": "duration"}
    seconds = {"unit_of_measurement": "s", "device_class": "duration"}
    now = {"state_class": "measurement", "expire_after": EXPIRE_S, **hearing}
    count = {"state_class": "total_increasing"}
    return {
        "microphone": {
            "platform": "binary_sensor",
            "name": "Microphone problem",
            "device_class": "problem",
            "entity_category": "diagnostic",
            "state_topic": f"{root}/microphone",
            "value_template": f"{{{{ 'ON' if value.startswith('{MICROPHONE_PROBLEM}')"
            " else 'OFF' }}",
            "json_attributes_topic": f"{root}/microphone",
            "json_attributes_template": "{{ {'reason': value} | to_json }}",
        },
        "level": _figure(
            root, "Level", "level_dbfs", unit_of_measurement="dBFS", **now
        ),
        "inference": _figure(root, "Inference time", "inference_ms", **ms, **now),
        "dropped": _figure(root, "Dropped hops", "dropped_hops", **count),
        "overflows": _figure(root, "Overflows", "overflows", **count),
        "uptime": _figure(root, "Uptime", "uptime_s", **seconds),
        "model": {
            "platform": "sensor",
            "name": "Model",
            "entity_category": "diagnostic",
            "enabled_by_default": False,
            "icon": "mdi:brain",
            "state_topic": f"{root}/state",
            "value_template": _from_state("value_json.model"),
        },
    }


def _figure(root: str, name: str, key: str, **more: object) -> Config:
    """Return a diagnostic sensor for one figure of the telemetry."""
    return {
        "platform": "sensor",
        "name": name,
        "entity_category": "diagnostic",
        "enabled_by_default": False,
        "state_topic": f"{root}/telemetry",
        "value_template": f"{{{{ value_json.{key} }}}}",
        **more,
    }
