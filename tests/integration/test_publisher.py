"""The publisher on a real Mosquitto: what a subscriber sees, and when."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from tests.home_assistant.home import wait
from tests.home_assistant.room import Room
from tests.integration.broker import Broker, broker
from tests.integration.ear import ROOT, Ear, ear, kept, room

from genre_daemon.homeassistant.identity import Identity
from genre_daemon.homeassistant.leftovers import KINDS
from genre_daemon.node import changes
from genre_daemon.node.report import HEARTBEAT_S

__all__ = ["broker", "ear", "room"]

pytestmark = pytest.mark.service


def test_topics_payloads_and_flags(broker: Broker, ear: Ear, room: Room) -> None:
    room.hear("jazz")
    room.hear("metal")
    wait(lambda: ear.payloads("about"))
    ear.settle(room)
    flags: dict[str, set[int]] = defaultdict(set)
    for topic, _, _, qos in ear.heard:
        flags[topic.removeprefix(f"{ROOT}/")].add(qos)
    assert flags["telemetry"] == {0}
    assert all(flags[kind] == {1} for kind in (*KINDS, "event"))
    state = json.loads(ear.payloads("state")[-1])
    assert (state["genre"], state["confidence"], state["music"]) == ("metal", 0.8, True)
    retained = kept(broker)
    assert set(retained) == {
        f"homeassistant/device/{Identity.of('living-room').id}/config",
        *(f"{ROOT}/{kind}" for kind in KINDS),
    }
    assert retained[f"{ROOT}/genre"] == "metal"
    assert retained[f"{ROOT}/microphone"] == "ok"
    assert retained[f"{ROOT}/listening"] == "on"
    assert retained[f"{ROOT}/threshold"] == "0.4"


def test_state_goes_out_on_change_and_as_a_heartbeat(broker: Broker, ear: Ear) -> None:
    now = [1e9]
    with Room(broker.port, clock=lambda: now[0]) as room:
        ear.wait_for("availability", "online")
        for _ in range(2 * int(HEARTBEAT_S)):
            room.hear("jazz")
            now[0] += 1.0
        room.hear("metal")
        ear.settle(room)
        states = [json.loads(text) for text in ear.payloads("state") if text]
    assert [state["sequence"] for state in states] == [1, 31, 61]
    assert [text for text in ear.payloads("genre") if text] == ["jazz", "metal"]
    assert len(ear.payloads("telemetry")) == 7  # every ten seconds


def test_stopping_says_offline_and_leaves_no_genre(
    broker: Broker, ear: Ear, room: Room
) -> None:
    room.hear("jazz")
    room.stop()
    retained = kept(broker)
    assert retained[f"{ROOT}/availability"] == "offline"
    assert not retained.keys() & {f"{ROOT}/state", f"{ROOT}/genre"}
    assert ear.payloads("availability")[-1] == "offline"


def test_dying_leaves_the_last_will(ear: Ear, room: Room) -> None:
    connection = room.connection
    connection._stopping.set()
    socket = connection._client.socket()
    assert socket is not None
    socket.close()
    ear.wait_for("availability", "offline")


def test_what_an_earlier_run_heard_is_not_told_as_news(
    broker: Broker, ear: Ear
) -> None:
    ear.publish(f"{ROOT}/state", '{"genre": "jazz"}', retain=True)
    ear.publish(f"{ROOT}/genre", "jazz", retain=True)
    with Room(broker.port):
        ear.wait_for("availability", "online")
        assert not kept(broker).keys() & {f"{ROOT}/state", f"{ROOT}/genre"}
    said = [
        (topic.removeprefix(f"{ROOT}/"), payload) for topic, payload, *_ in ear.heard
    ]
    # Nobody may see the old genre of a node that is there again.
    assert said.index(("state", "")) < said.index(("availability", "online"))


def test_a_fault_takes_back_the_genre_and_says_why(
    broker: Broker, ear: Ear, room: Room
) -> None:
    room.hear("jazz")
    room.publisher.microphone("digital silence for 3 s")
    room.publisher.microphone("digital silence for 3 s")  # said once
    ear.wait_for("microphone", "problem: digital silence for 3 s")
    assert f"{ROOT}/state" not in kept(broker)
    room.publisher.microphone("")
    room.hear("metal")
    ear.settle(room)
    assert ear.payloads("microphone") == [
        "ok",
        "problem: digital silence for 3 s",
        "ok",
    ]
    assert ear.payloads("genre")[-3:] == ["jazz", "", "metal"]
    assert ear.payloads("event") == []  # nobody knows whether it changed


def test_changes_during_an_outage_are_told_once_in_order_with_their_times(
    broker: Broker, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_REPLAY_S", 3.0)
    now = [1e9]
    with Room(broker.port, clock=lambda: now[0]) as room:
        ear.wait_for("availability", "online")
        room.hear("jazz")
        room.hear("metal")
        wait(lambda: ear.payloads("event"))
        broker.kill()
        wait(lambda: not room.connection.connected)
        for genre in ("disco", "silence", "classical"):
            now[0] += 60.0
            room.hear(genre)
        broker.start()
        wait(lambda: len(ear.payloads("history")) == 3)
        ear.wait_for("genre", "classical")
        first = room.publisher._changes._replaying
        broker.restart()
        wait(lambda: room.publisher._changes._replaying is not first)
        wait(
            room.publisher._changes._replaying.finished.is_set
        )  # nothing must come once more
        ear.settle(room)
    told = [json.loads(text) for text in ear.payloads("history")]
    assert [(change["from"], change["to"]) for change in told] == [
        ("metal", "disco"),
        ("disco", "silence"),
        ("silence", "classical"),
    ]
    assert [change["time"] for change in told] == [
        "2001-09-09T01:47:40.000Z",
        "2001-09-09T01:48:40.000Z",
        "2001-09-09T01:49:40.000Z",
    ]
    assert len(ear.payloads("event")) == 1


def test_a_broker_that_comes_late_gets_everything(broker: Broker) -> None:
    broker.stop()
    room = Room(broker.port)
    room.start()
    room.publisher.microphone("")
    room.hear("jazz")
    broker.start()
    with Ear(broker.port) as ear:
        ear.wait_for("genre", "jazz")
        ear.wait_for("microphone", "ok")
        ear.wait_for("availability", "online")
    room.stop()
