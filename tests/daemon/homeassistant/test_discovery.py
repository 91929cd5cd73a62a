"""Discovery payloads against the rules that Home Assistant publishes.

The rules below are those of its documentation (MQTT, sections on discovery) and of
``components/mqtt/schemas.py``; ``make test-ha`` asks the program itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.homeassistant.discovery import Discovery, Style
from genre_daemon.homeassistant.entities import EXPIRE_S
from genre_daemon.homeassistant.identity import Identity
from genre_daemon.messages import STATES
from genre_daemon.node.report import HEARTBEAT_S

LABELS = ("classical", "jazz", "no_music")
PLATFORMS = {"sensor", "binary_sensor", "event", "switch", "number"}
READ_ONLY = {"sensor", "binary_sensor", "event"}
HEARD = {"genre", "confidence", "playing", "changed", "level", "inference"}
OFF_BY_DEFAULT = {"level", "inference", "dropped", "overflows", "uptime", "model"}
_ID = re.compile(r"[a-zA-Z0-9_-]+")
_TOPIC = re.compile(r"[^#+\0]+")


def described(
    node: str = "living-room", style: Style = Style.DEVICE, machine: str = "a" * 32
) -> Discovery:
    """Return the announcement of a node."""
    identity = Identity.of(node, "", machine)
    return Discovery(identity, f"genre-listen/{node}", LABELS, style=style)


def whole(discovery: Discovery) -> dict[str, Any]:
    """Return the one payload of a device."""
    (message,) = discovery.messages()
    payload: dict[str, Any] = json.loads(message.payload)
    return payload


def check_frame(payload: dict[str, Any]) -> None:
    """Check what every discovery payload holds."""
    device, origin = payload["device"], payload["origin"]
    assert device["identifiers"]
    assert all(_ID.fullmatch(text) for text in device["identifiers"])
    assert all(isinstance(value, (str, list)) for value in device.values())
    assert origin["name"]
    assert isinstance(origin["sw_version"], str)
    for availability in payload["availability"]:
        assert _TOPIC.fullmatch(availability["topic"])


def check_entity(platform: str, entity: dict[str, Any]) -> None:
    """Check one entity, wherever it is announced."""
    assert platform in PLATFORMS
    assert _ID.fullmatch(entity["unique_id"])
    assert _TOPIC.fullmatch(entity["state_topic"])
    assert ("command_topic" in entity) == (platform not in READ_ONLY)
    # Removed from Home Assistant in 2026.4.
    assert "object_id" not in entity
    domain, _, name = entity["default_entity_id"].partition(".")
    assert domain == platform
    assert re.fullmatch(r"[a-z0-9_]+", name)
    # Discouraged: every change of an attribute is a row in somebody's database.
    assert "force_update" not in entity
    assert entity.get("entity_category") in (None, "diagnostic", "config")
    assert platform != "sensor" or entity.get("entity_category") != "config"
    if "options" in entity:
        assert entity["device_class"] == "enum"
        assert len(set(entity["options"])) == len(entity["options"]) > 0
        assert not entity.keys() & {"state_class", "unit_of_measurement"}
    if "expire_after" in entity:
        assert entity["expire_after"] >= 3 * HEARTBEAT_S
    if platform == "event":
        assert entity["event_types"]


def test_one_message_makes_the_device() -> None:
    discovery = described()
    (message,) = discovery.messages()
    assert message.topic == f"homeassistant/device/{discovery.identity.id}/config"
    payload = json.loads(message.payload)
    check_frame(payload)
    assert "migrate_discovery" not in payload
    for key, entity in payload["components"].items():
        assert _ID.fullmatch(key)
        check_entity(entity["platform"], entity)


def test_one_message_an_entity_for_older_installations() -> None:
    discovery = described(style=Style.SINGLE)
    entities = whole(described())["components"]
    messages = discovery.messages()
    assert len(messages) == len(entities)
    for message in messages:
        prefix, platform, node, key, end = message.topic.split("/")
        assert (prefix, node, end) == (
            "homeassistant",
            discovery.identity.id,
            "config",
        )
        payload = json.loads(message.payload)
        check_frame(payload)
        check_entity(platform, payload)
        assert "platform" not in payload
        # The same entity in both styles, so that one can become the other.
        assert payload["unique_id"] == entities[key]["unique_id"]
        assert entities[key]["platform"] == platform


def test_switched_off_nothing_is_said() -> None:
    assert described(style=Style.OFF).messages() == []


def test_all_entities_of_the_device_are_there() -> None:
    entities = whole(described())["components"]
    assert {
        key: (entity["platform"], entity.get("device_class"), entity["name"])
        for key, entity in entities.items()
    } == {
        "genre": ("sensor", "enum", None),
        "confidence": ("sensor", None, "Confidence"),
        "playing": ("binary_sensor", "sound", "Playing"),
        "changed": ("event", None, "Genre changed"),
        "listening": ("switch", None, "Listening"),
        "threshold": ("number", None, "Confidence threshold"),
        "microphone": ("binary_sensor", "problem", "Microphone problem"),
        "level": ("sensor", None, "Level"),
        "inference": ("sensor", "duration", "Inference time"),
        "dropped": ("sensor", None, "Dropped hops"),
        "overflows": ("sensor", None, "Overflows"),
        "uptime": ("sensor", "duration", "Uptime"),
        "model": ("sensor", None, "Model"),
    }
    off = {k for k, e in entities.items() if not e.get("enabled_by_default", True)}
    assert off == OFF_BY_DEFAULT
    assert all(entities[key]["entity_category"] == "diagnostic" for key in off)


def test_the_genre_may_be_every_label_and_every_state_once() -> None:
    options = whole(described())["components"]["genre"]["options"]
    assert sorted(options) == sorted({*LABELS, *STATES})


def test_what_is_heard_needs_the_node_and_a_working_microphone() -> None:
    payload = whole(described())
    alone = [{"topic": "genre-listen/living-room/availability"}]
    assert payload["availability"] == alone
    for key, entity in payload["components"].items():
        if key not in HEARD:
            assert "availability" not in entity
            continue
        assert entity["availability_mode"] == "all"
        node, microphone = entity["availability"]
        assert [node] == alone
        assert microphone["topic"] == "genre-listen/living-room/microphone"
        assert "value == 'ok'" in microphone["value_template"]


def test_a_reading_expires_after_three_heartbeats() -> None:
    entities = whole(described())["components"]
    expiring = {key for key, entity in entities.items() if "expire_after" in entity}
    assert expiring == {"genre", "confidence", "playing", "level", "inference"}
    assert {entities[key]["expire_after"] for key in expiring} == {EXPIRE_S}


@pytest.mark.parametrize(
    ("node", "name", "entity"),
    [
        ("living-room", "Living room music", "sensor.living_room_music"),
        ("TV_Corner", "TV Corner music", "sensor.tv_corner_music"),
        ("2", "2 music", "sensor.2_music"),
    ],
)
def test_names_are_for_people(node: str, name: str, entity: str) -> None:
    payload = whole(described(node))
    assert payload["device"]["name"] == name
    assert payload["components"]["genre"]["default_entity_id"] == entity


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
            st.sampled_from(["a" * 32, "b" * 32]),
        ),
        min_size=2,
        max_size=4,
        unique=True,
    ),
    st.sampled_from(list(Style)),
)
def test_two_nodes_share_neither_topics_nor_unique_ids(
    nodes: list[tuple[str, str]], style: Style
) -> None:
    discoveries = [described(node, style, machine) for node, machine in nodes]
    topics = [message.topic for each in discoveries for message in each.messages()]
    assert len(set(topics)) == len(topics)
    unique = [
        entity["unique_id"]
        for each in discoveries
        for entity in each.entities().values()
    ]
    assert len(set(unique)) == len(unique)
    for each in discoveries:
        for platform, entity in ((e["platform"], e) for e in each.entities().values()):
            check_entity(platform, entity)


@pytest.mark.parametrize("style", [Style.DEVICE, Style.SINGLE])
def test_who_shares_a_daemon_is_there_while_both_are(style: Style) -> None:
    discovery = replace(described(style=style), daemon="pi")
    daemon = {"topic": "genre-listen/daemon/pi/availability"}
    own = {"topic": "genre-listen/living-room/availability"}
    for message in discovery.messages():
        payload = json.loads(message.payload)
        entities = payload.get("components", {"": payload}).values()
        assert payload["availability"][:2] == [own, daemon]
        assert payload["availability_mode"] == "all"
        for entity in entities:
            # An entity's own list takes the place of the device's.
            assert entity.get("availability", [own, daemon])[:2] == [own, daemon]


def test_who_is_alone_speaks_for_itself() -> None:
    payload = whole(described())
    assert payload["availability"] == [
        {"topic": "genre-listen/living-room/availability"}
    ]
    assert "availability_mode" not in payload
