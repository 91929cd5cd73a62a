"""Home Assistant itself is the judge: a real core, a real Mosquitto, the publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.home_assistant.home import Home, wait
from tests.home_assistant.room import LABELS, Room
from tests.integration.daemons import daemon

from genre_daemon.homeassistant.identity import Identity
from genre_daemon.node.commands import Listening, Threshold

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.broker import Broker

pytestmark = [pytest.mark.service, pytest.mark.slow]

GENRE = "sensor.living_room_music"
CONFIDENCE = f"{GENRE}_confidence"
PLAYING = "binary_sensor.living_room_music_playing"
PROBLEM = "binary_sensor.living_room_music_microphone_problem"
LISTENING = "switch.living_room_music_listening"
THRESHOLD = "number.living_room_music_confidence_threshold"
CHANGED = "event.living_room_music_genre_changed"
SHOWN = {GENRE, CONFIDENCE, PLAYING, PROBLEM, LISTENING, THRESHOLD, CHANGED}
FIGURES = {
    f"{GENRE}_level": "-23.0",
    f"{GENRE}_inference_time": "0.4",
    f"{GENRE}_dropped_hops": "1",
    f"{GENRE}_overflows": "2",
    f"{GENRE}_model": "small-1",
}


def entities(home: Home) -> dict[str, Any]:
    """Return the entities of the one device there is."""
    (device,) = home.do("devices")
    found: dict[str, Any] = device["entities"]
    return found


def test_a_node_becomes_a_device_with_all_its_entities(home: Home, room: Room) -> None:
    home.wait_for(GENRE, "unavailable")  # nothing was heard yet
    expected = SHOWN | set(FIGURES) | {f"{GENRE}_uptime"}
    wait(lambda: set(entities(home)) == expected)
    (device,) = home.do("devices")
    identity = Identity.of("living-room")
    assert device["identifiers"] == [identity.id]
    assert device["name"] == "Living room music"
    assert device["manufacturer"] == "genre-listen"
    found = device["entities"]
    assert {key for key, entity in found.items() if not entity["disabled"]} == SHOWN
    unique = {entity["unique_id"] for entity in found.values()}
    assert all(text.startswith(f"{identity.id}_") for text in unique)
    options = home.do("states")[GENRE]["options"]
    assert options == [*LABELS, "unknown", "silence"]
    assert room.asked == []


def test_states_follow_what_is_heard(home: Home, room: Room) -> None:
    room.hear("jazz", 0.8)
    home.wait_for(GENRE, "jazz")
    home.wait_for(CONFIDENCE, "80.0")
    home.wait_for(PLAYING, "on")
    home.wait_for(PROBLEM, "off")
    home.wait_for(CHANGED, "unknown")  # to begin is no change
    for genre, playing in (("unknown", "on"), ("silence", "off"), ("no_music", "off")):
        room.hear(genre)
        home.wait_for(GENRE, genre)
        home.wait_for(PLAYING, playing)
    event = home.do("states")[CHANGED]
    assert (event["event_type"], event["from"], event["to"]) == (
        "genre_changed",
        "silence",
        "no_music",
    )


def test_a_deaf_node_is_unavailable_and_says_why(home: Home, room: Room) -> None:
    room.hear("jazz")
    home.wait_for(GENRE, "jazz")
    room.publisher.microphone("the USB microphone has gone: was it unplugged?")
    for entity_id in (GENRE, CONFIDENCE, PLAYING, CHANGED):
        home.wait_for(entity_id, "unavailable")
    problem = home.do("states")[PROBLEM]
    assert problem["state"] == "on"
    assert "was it unplugged?" in problem["reason"]
    assert home.state(LISTENING) == "on"
    room.publisher.microphone("")
    home.wait_for(GENRE, "unknown")  # and not the jazz of before
    room.hear("metal")
    home.wait_for(GENRE, "metal")


def test_a_node_that_dies_takes_everything_with_it(home: Home, room: Room) -> None:
    room.hear("jazz")
    home.wait_for(GENRE, "jazz")
    socket = room.connection._client.socket()
    assert socket is not None
    room.connection._stopping.set()  # or it would be back at once
    socket.close()
    for entity_id in SHOWN:
        home.wait_for(entity_id, "unavailable")


def test_switch_and_number_work_both_ways(home: Home, room: Room) -> None:
    home.wait_for(LISTENING, "on")
    home.wait_for(THRESHOLD, "0.4")
    room.hear("jazz")
    home.wait_for(GENRE, "jazz")
    home.do("call", domain="switch", service="turn_off", data={"entity_id": LISTENING})
    home.wait_for(LISTENING, "off")
    home.wait_for(GENRE, "unavailable")
    assert home.state(PROBLEM) == "off"  # a wish is no fault
    room.hear("jazz")  # what the service was still about to say
    home.do("call", domain="switch", service="turn_on", data={"entity_id": LISTENING})
    home.wait_for(LISTENING, "on")
    home.wait_for(GENRE, "unknown")
    home.do(
        "call",
        domain="number",
        service="set_value",
        data={"entity_id": THRESHOLD, "value": 0.55},
    )
    home.wait_for(THRESHOLD, "0.55")
    assert room.asked == [Listening(on=False), Listening(on=True), Threshold(0.55)]
    room.publisher.threshold(0.3)  # changed at the other end
    home.wait_for(THRESHOLD, "0.3")


def test_figures_can_be_switched_on(home: Home, room: Room) -> None:
    room.hear("jazz")
    home.wait_for(GENRE, "jazz")
    home.do("enable_all")
    home.wait_for(GENRE, "jazz")
    room.publisher._telemetry_at = float("-inf")  # due now
    room.hear("jazz")
    for entity_id, state in FIGURES.items():
        home.wait_for(entity_id, state)


def test_home_assistant_restarts_and_knows_all_again(home: Home, room: Room) -> None:
    room.hear("jazz")
    home.wait_for(GENRE, "jazz")
    wait(lambda: len(entities(home)) == 13)
    before = entities(home)
    home.stop()
    room.hear("metal")
    home.start()
    home.wait_for(GENRE, "metal")
    assert entities(home) == before


def test_a_broker_without_memory_is_told_all_again(
    home: Home, room: Room, broker: Broker, tmp_path: Path
) -> None:
    home.tolerated = ["The connection was lost"]
    room.hear("jazz")
    home.wait_for(GENRE, "jazz")
    broker.stop()
    home.wait_for(GENRE, "unavailable")
    for file in (tmp_path / "store").iterdir():
        file.unlink()
    room.hear("metal")
    broker.start()
    home.wait_for(GENRE, "metal")


def test_the_daemon_itself(home: Home, broker: Broker, tmp_path: Path) -> None:
    address = ("--host", "127.0.0.1", "--port", str(broker.port))
    demo = ("--device", "demo", "--name", "hall", "--threshold", "0.1")
    state = {"STATE_DIRECTORY": str(tmp_path / "state")}
    with daemon(*address, *demo, environ=state) as hall:
        entity = "sensor.hall_music"
        wait(
            lambda: home.state(entity) not in (None, "unavailable", "unknown"),
            lambda: home.explain(entity),
        )
        switch = {"entity_id": "switch.hall_music_listening"}
        home.do("call", domain="switch", service="turn_off", data=switch)
        home.wait_for("switch.hall_music_listening", "off")
        home.wait_for(entity, "unavailable")
        number = {"entity_id": "number.hall_music_confidence_threshold", "value": 0.05}
        home.do("call", domain="number", service="set_value", data=number)
        home.wait_for("number.hall_music_confidence_threshold", "0.05")
        home.do("call", domain="switch", service="turn_on", data=switch)
        home.wait_for("switch.hall_music_listening", "on")
        wait(
            lambda: home.state(entity) not in ("unavailable", "unknown"),
            lambda: home.explain(entity),
        )
        hall.terminate()
        home.wait_for("switch.hall_music_listening", "unavailable")
        assert hall.wait(5) == 0
