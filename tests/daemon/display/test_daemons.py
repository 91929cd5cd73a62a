"""A daemon that died takes its nodes with it, in whatever order that is learned."""

from __future__ import annotations

import itertools

import pytest

from genre_daemon.display.daemons import Daemons
from genre_daemon.display.nodes import Nodes
from genre_daemon.homeassistant.identity import Identity
from genre_daemon.homeassistant.leftovers import About

NODE = Identity.of("kitchen", "", "a" * 32)
ABOUT = About(NODE.id, NODE.installation, (), "pi").to_json().encode()
ALONE = About(NODE.id, NODE.installation, ()).to_json().encode()
PI = "base/daemon/pi/availability"


def told(*messages: tuple[str, bytes]) -> bool | None:
    """Return whether the kitchen is there, after some messages."""
    daemons, nodes = Daemons("base"), Nodes("base")
    for message in messages:
        for topic, payload in daemons.translate(*message):
            nodes.receive(topic, payload, retained=True, now_s=0.0)
    return next((node.online for node in nodes if node.name == "kitchen"), None)


@pytest.mark.parametrize(
    "messages",
    list(
        itertools.permutations(
            [
                ("base/kitchen/availability", b"online"),
                ("base/kitchen/about", ABOUT),
                (PI, b"offline"),
            ]
        )
    ),
)
def test_a_dead_daemon_means_dead_nodes(
    messages: tuple[tuple[str, bytes], ...],
) -> None:
    assert told(*messages) is False
    assert told(*messages, (PI, b"online")) is True


def test_the_daemon_of_others_changes_nothing() -> None:
    online = ("base/kitchen/availability", b"online")
    about = ("base/kitchen/about", ABOUT)
    assert told(online, about, ("base/daemon/attic/availability", b"offline")) is True
    assert told(online, ("base/kitchen/about", ALONE), (PI, b"offline")) is True


def test_a_node_that_left_its_daemon_speaks_for_itself() -> None:
    online = ("base/kitchen/availability", b"online")
    about = ("base/kitchen/about", ABOUT)
    alone = ("base/kitchen/about", ALONE)
    assert told(online, about, (PI, b"offline"), alone) is True


def test_a_node_that_was_removed_stays_removed() -> None:
    gone = ("base/kitchen/availability", b"")
    about = ("base/kitchen/about", ABOUT)
    assert told(about, gone, (PI, b"offline")) is None


def test_a_daemon_is_no_room() -> None:
    daemons, nodes = Daemons("base"), Nodes("base")
    for topic, payload in daemons.translate(PI, b"online"):
        nodes.receive(topic, payload, retained=True, now_s=0.0)
    assert len(nodes) == 0
