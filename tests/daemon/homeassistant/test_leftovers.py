"""Leftovers: only what this node replaces is cleared, and nothing a liar names."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.homeassistant.announcer import plan
from genre_daemon.homeassistant.discovery import Discovery, Retained, Style
from genre_daemon.homeassistant.identity import Identity
from genre_daemon.homeassistant.leftovers import KINDS, About, Leftovers, announced_id

OWN = Identity.of("bar", "/etc/c.toml", "a" * 32)
OLD = Identity.of("attic", "/etc/c.toml", "a" * 32)
OTHER = Identity.of("cellar", "/etc/c.toml", "b" * 32)
RIVAL = Identity.of("bar", "/etc/c.toml", "b" * 32)


def about(identity: Identity) -> About:
    """Return what a node of that identity has left."""
    topic = f"homeassistant/device/{identity.id}/config"
    return About(identity.id, identity.installation, (topic,))


def leftovers(identity: Identity, availability: bytes | None) -> Leftovers:
    """Return what a broker that remembers one node has said."""
    found = Leftovers([OWN], "base")
    node = f"base/{identity.node}"
    found.push(f"{node}/about", about(identity).to_json().encode(), retained=True)
    if availability is not None:
        found.push(f"{node}/availability", availability, retained=True)
    return found


def test_the_former_name_of_this_node_is_cleared_with_all_its_topics() -> None:
    assert leftovers(OLD, b"offline").stale() == [
        *about(OLD).discovery,
        *(f"base/attic/{kind}" for kind in KINDS),
    ]


def test_a_node_that_is_alive_or_of_unknown_fate_is_left_alone() -> None:
    assert leftovers(OLD, b"online").stale() == []
    assert leftovers(OLD, None).stale() == []


def test_other_machines_are_left_alone() -> None:
    assert leftovers(OTHER, b"offline").stale() == []


def test_a_dead_machine_of_the_same_name_loses_its_device_but_not_the_topics() -> None:
    found = leftovers(RIVAL, b"offline")
    assert found.stale() == list(about(RIVAL).discovery)
    assert found.rivals() == []


def test_a_living_machine_of_the_same_name_is_a_rival() -> None:
    found = leftovers(RIVAL, b"online")
    assert found.rivals() == ["bar"]
    assert found.stale() == []


def test_what_this_node_announced_before_is_known_and_not_stale() -> None:
    found = leftovers(OWN, b"offline")
    assert found.announced(OWN) == about(OWN).discovery
    assert found.stale() == []
    assert found.rivals() == []


def test_its_own_echo_changes_nothing() -> None:
    found = leftovers(RIVAL, b"offline")
    found.push("base/bar/availability", b"online", retained=False)
    found.push("base/bar/about", about(OWN).to_json().encode(), retained=False)
    assert found.stale() == list(about(RIVAL).discovery)


def shared(identity: Identity, availability: bytes) -> list[tuple[str, bytes]]:
    """Return what is kept of a node that shares a daemon, and of that daemon."""
    one = replace(about(identity), daemon="pi")
    return [
        (f"base/{identity.node}/about", one.to_json().encode()),
        (f"base/{identity.node}/availability", b"online"),
        ("base/daemon/pi/availability", availability),
    ]


def after(
    found: Leftovers, messages: list[tuple[str, bytes]], *, retained: bool = True
) -> Leftovers:
    """Return the same once it has heard some messages."""
    for topic, payload in messages:
        found.push(topic, payload, retained=retained)
    return found


def test_nodes_of_one_daemon_are_no_leftovers_of_each_other() -> None:
    found = after(Leftovers([OWN, OLD], "base", "pi"), shared(OLD, b"offline"))
    assert found.stale() == []
    assert found.rivals() == []


def test_a_node_whose_daemon_died_is_gone_though_it_stands_as_online() -> None:
    found = after(Leftovers([OWN], "base", "pi"), shared(OLD, b"offline"))
    assert f"base/{OLD.node}/state" in found.stale()
    alive = after(Leftovers([OWN], "base", "pi"), shared(OLD, b"online"))
    assert alive.stale() == []


def test_a_rival_whose_daemon_died_is_none() -> None:
    assert after(Leftovers([OWN], "base"), shared(RIVAL, b"online")).rivals() == ["bar"]
    assert after(Leftovers([OWN], "base"), shared(RIVAL, b"offline")).rivals() == []


def test_a_node_that_is_alone_again_clears_its_former_daemon_away() -> None:
    found = after(Leftovers([OWN], "base"), shared(OWN, b"offline"))
    assert found.stale() == ["base/daemon/pi/availability"]
    assert after(Leftovers([OWN], "base"), shared(OWN, b"online")).stale() == []


def test_the_daemons_of_other_machines_are_left_alone() -> None:
    found = after(Leftovers([OWN], "base"), shared(OTHER, b"offline"))
    assert found.stale() == []


def test_settled_means_that_nothing_is_left() -> None:
    found = leftovers(OLD, b"offline")
    found.settle([about(OWN)])
    assert found.stale() == []
    assert found.announced(OWN) == about(OWN).discovery


def test_what_was_cleared_is_forgotten() -> None:
    found = leftovers(OLD, b"offline")
    found.push("base/attic/about", b"", retained=False)
    assert found.stale() == []


@pytest.mark.parametrize(
    "topic",
    [
        "home/lights",
        "#",
        "homeassistant/+/x/config",
        f"homeassistant/device/{OTHER.id}/config",
        f"homeassistant/device/{OLD.id}/config/more",
        f"homeassistant/device/{OLD.id}",
        f"{OLD.id}/config",
        7,
        None,
    ],
)
def test_a_node_that_names_a_topic_not_its_own_is_not_believed(topic: object) -> None:
    values = json.loads(about(OLD).to_json())
    values["discovery"].append(topic)
    assert About.parse(json.dumps(values).encode()) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
_ABOUT = st.fixed_dictionaries(
    {"id": st.just(OLD.id) | _JSON, "installation": st.just(OLD.installation) | _JSON},
    optional={"discovery": _JSON, "daemon": st.just("pi") | _JSON},
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["base/bar/", "base/attic/", "base/daemon/pi/", "base/", "x/"]
            ),
            st.sampled_from(["about", "availability", "about/x", ""]) | st.text(),
            st.binary() | (_JSON | _ABOUT).map(lambda v: json.dumps(v).encode()),
            st.booleans(),
        )
    )
)
def test_nothing_that_a_broker_may_carry_makes_it_name_foreign_topics(
    messages: list[tuple[str, str, bytes, bool]],
) -> None:
    found = Leftovers([OWN], "base")
    for start, end, payload, retained in messages:
        found.push(start + end, payload, retained=retained)
    for topic in (*found.stale(), *found.announced(OWN)):
        node, _, kind = topic.removeprefix("base/").partition("/")
        other = kind in KINDS and node != OWN.node
        assert announced_id(topic) or other or topic == "base/daemon/pi/availability"


def discovery(style: Style) -> Discovery:
    """Return the announcement of this node."""
    return Discovery(OWN, "base/bar", ("jazz", "rock"), "ha", style)


def topics(messages: list[Retained]) -> list[str]:
    """Return where messages go."""
    return [message.topic for message in messages]


def test_an_announcement_ends_with_what_the_next_run_needs_to_know() -> None:
    (step,) = plan(discovery(Style.DEVICE), ())
    assert topics(step)[1:] == ["base/bar/about"]
    known = About.parse(step[-1].payload.encode())
    assert known is not None
    assert known.discovery == (step[0].topic,)


@pytest.mark.parametrize(
    ("old", "new"), [(Style.SINGLE, Style.DEVICE), (Style.DEVICE, Style.SINGLE)]
)
def test_a_migration_takes_three_steps(old: Style, new: Style) -> None:
    before = topics(discovery(old).messages())
    first, second, third = plan(discovery(new), before)
    assert topics(first) == before
    assert {message.payload for message in first} == {'{"migrate_discovery": true}'}
    assert second == discovery(new).messages()
    assert topics(third) == [*before, "base/bar/about"]
    assert {message.payload for message in third[:-1]} == {""}


def test_discovery_switched_off_takes_back_what_was_announced() -> None:
    before = topics(discovery(Style.DEVICE).messages())
    (step,) = plan(discovery(Style.OFF), before)
    assert step[:-1] == [Retained(topic, "") for topic in before]


def test_an_entity_that_is_no_more_is_cleared_without_a_migration() -> None:
    before = topics(discovery(Style.SINGLE).messages())
    gone = f"ha/sensor/{OWN.id}/mood/config"
    (step,) = plan(discovery(Style.SINGLE), [*before, gone])
    assert Retained(gone, "") in step
