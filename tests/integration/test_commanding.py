"""Commands over a real Mosquitto: obeyed, bounded, and never from the past."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.home_assistant.home import wait
from tests.home_assistant.room import Room
from tests.integration.broker import Broker, broker
from tests.integration.ear import ROOT, Ear, ear, kept, room

from genre_daemon.node.commands import NAMES, Listening, Threshold

__all__ = ["broker", "ear", "room"]

pytestmark = pytest.mark.service


def test_a_watcher_gets_every_hop_for_as_long_as_it_asked(
    broker: Broker, ear: Ear
) -> None:
    now = [1e9]
    with Room(broker.port, clock=lambda: now[0]) as room:
        ear.wait_for("availability", "online")
        ear.publish(f"{ROOT}/set/watch", "5")
        wait(lambda: room.publisher._watched_until > 1e9)
        for _ in range(10):
            room.hear("jazz")
            now[0] += 1.0
        ear.settle(room)
    assert len([text for text in ear.payloads("state") if text]) == 5


def test_listening_off_is_private_and_no_fault(
    broker: Broker, ear: Ear, room: Room
) -> None:
    room.hear("jazz")
    ear.publish(f"{ROOT}/set/listening", "off")
    ear.wait_for("listening", "off")
    ear.wait_for("microphone", "off")
    room.hear("metal")  # was still under way
    room.publisher.microphone("gone")  # is nobody's business now
    ear.settle(room)
    assert ear.payloads("microphone")[-1] == "off"
    assert not kept(broker).keys() & {f"{ROOT}/state", f"{ROOT}/genre"}
    ear.publish(f"{ROOT}/set/listening", "on")
    ear.wait_for("listening", "on")
    ear.wait_for("microphone", "ok")
    assert room.asked == [Listening(on=False), Listening(on=True)]


def test_a_retained_command_is_never_obeyed(broker: Broker, ear: Ear) -> None:
    for name, payload in (("listening", "off"), ("threshold", "0.9"), ("watch", "99")):
        ear.publish(f"{ROOT}/set/{name}", payload, retain=True)
    with Room(broker.port) as room:
        ear.wait_for("availability", "online")
        ear.publish(f"{ROOT}/set/threshold", "0.5")  # a live one, behind the others
        wait(lambda: room.asked)
        assert room.asked == [Threshold(0.5)]
        assert room.publisher._watched_until == float("-inf")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([f"set/{name}" for name in NAMES])
            | st.sampled_from(["about", "availability", "set/x", "set/"]),
            st.binary(max_size=300).filter(
                lambda payload: (
                    payload.strip().lower() not in (b"on", b"off")
                    and not payload.strip().replace(b".", b"").isdigit()
                )
            ),
        ),
        max_size=20,
    )
)
def test_hostile_messages_change_nothing(
    ear: Ear, room: Room, messages: list[tuple[str, bytes]]
) -> None:
    for kind, payload in messages:
        ear.publish(f"{ROOT}/{kind}", payload)
        ear.publish(f"genre-listen/other/{kind}", payload)
    ear.settle(room)
    assert room.asked == []
    assert room.connection.connected
    assert room.publisher._kept["listening"] == "on"


def test_a_request_for_the_history_is_answered(broker: Broker, ear: Ear) -> None:
    with Room(broker.port, on_query=lambda request: f"to {request.decode()}"):
        ear.wait_for("availability", "online")
        ear.publish(f"{ROOT}/get/history", "this")
        ear.publish(f"{ROOT}/get/other", "that")
        ear.wait_for("history/answer", "to this")
        ear.settle()
    assert len(ear.payloads("history/answer")) == 1


def test_who_starts_with_listening_off_is_off_for_newcomers(
    broker: Broker, ear: Ear
) -> None:
    with Room(broker.port, listening=False) as room:
        ear.wait_for("availability", "online")
        room.hear("jazz")
        retained = kept(broker)
    assert (retained[f"{ROOT}/listening"], retained[f"{ROOT}/microphone"]) == (
        "off",
        "off",
    )
    assert f"{ROOT}/genre" not in retained
