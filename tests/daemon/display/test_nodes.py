"""What is known of a node, from its messages; and that junk changes nothing."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.display.heard import clean, parse_state
from genre_daemon.display.nodes import KINDS, MAX_NODES, Nodes, NodeState

NOW = 1_800_000_000.0

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def _state(genre: object = "rock", **other: object) -> bytes:
    times = {"since": _iso(NOW - 60.0), "time": _iso(NOW)}
    return json.dumps({"genre": genre, "confidence": 0.5, **times, **other}).encode()


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat()


def _after(*messages: tuple[str, bytes, float], retained: bool = False) -> NodeState:
    node = NodeState("kitchen")
    for kind, payload, offset_s in messages:
        node = node.receive(kind, payload, retained=retained, now_s=NOW + offset_s)
    return node


def test_a_state_is_understood() -> None:
    payload = _state(
        probabilities={"rock": 0.5, "jazz": 0.25}, model="small", music=True
    )
    heard = _after(("state", payload, 0.25)).heard
    assert heard is not None
    assert (heard.genre, heard.confidence, heard.music) == ("rock", 0.5, True)
    assert heard.probabilities == (("jazz", 0.25), ("rock", 0.5))
    assert heard.delay_s == pytest.approx(0.25, abs=1e-3)
    assert heard.since_s == pytest.approx(NOW - 60.0 + 0.25, abs=1e-3)


def test_a_clock_that_is_wrong_does_not_change_how_long_a_genre_lasts() -> None:
    payload = _state(since=_iso(NOW + 3_540.0), time=_iso(NOW + 3_600.0))
    heard = _after(("state", payload, 0.0)).heard
    assert heard is not None
    assert heard.since_s == pytest.approx(NOW - 60.0, abs=1e-3)
    assert heard.delay_s == pytest.approx(-3_600.0, abs=1e-3)


def test_a_retained_state_is_as_old_as_it_says_and_tells_no_delay() -> None:
    heard = _after(("state", _state(), 20.0), retained=True).heard
    assert heard is not None
    assert heard.arrived_s == pytest.approx(NOW, abs=1e-3)
    assert heard.delay_s is None


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (b"ok", ""),
        (b"problem: unplugged", "unplugged"),
        (b"problem", "no reason given"),
        (b"problem: \x1b[2J\n\x07", "[2J"),
        (b"", None),
    ],
)
def test_the_microphone_is_well_or_has_a_reason(
    payload: bytes, problem: str | None
) -> None:
    assert _after(("microphone", payload, 0.0)).problem == problem


def test_what_was_heard_before_a_fault_is_not_shown_after_it() -> None:
    heard = ("state", _state(), 0.0)
    broken = _after(
        heard, ("microphone", b"problem: x", 1.0), ("microphone", b"ok", 2.0)
    )
    assert broken.heard is None
    away = _after(heard, ("availability", b"offline", 1.0))
    assert away.heard is None
    assert away.spans[-1].genre == "rock"
    assert away.online_s == NOW + 1.0


def test_an_old_verdict_is_not_shown_when_a_node_comes_back() -> None:
    left = NodeState("kitchen").receive(
        "availability", b"offline", retained=True, now_s=NOW + 60.0
    )
    for written_s, shown in ((NOW, False), (NOW + 61.0, True)):
        payload = _state(time=_iso(written_s))
        said = left.receive("state", payload, retained=True, now_s=NOW + 62.0)
        back = said.receive("availability", b"online", retained=True, now_s=NOW + 63.0)
        assert (back.heard is not None) is shown


def test_equal_verdicts_are_one_span_and_a_new_one_begins_where_it_says() -> None:
    jazz = _state("jazz", since=_iso(NOW + 90.0), time=_iso(NOW + 95.0))
    node = _after(
        ("state", _state(), 0.0), ("state", _state(), 30.0), ("state", jazz, 95)
    )
    assert [span.genre for span in node.spans] == ["rock", "jazz"]
    assert node.spans[0].end_s == NOW + 30.0
    assert node.spans[1].start_s == pytest.approx(NOW + 90.0, abs=1e-3)


def test_a_node_is_forgotten_when_its_retained_messages_are_removed() -> None:
    nodes = Nodes("base")
    for kind, payload in (("availability", b"online"), ("state", _state())):
        nodes.receive(f"base/attic/{kind}", payload, retained=False, now_s=NOW)
    assert [node.name for node in nodes] == ["attic"]
    for kind in ("availability", "state"):
        nodes.receive(f"base/attic/{kind}", b"", retained=False, now_s=NOW)
    assert len(nodes) == 0


@pytest.mark.parametrize(
    "topic", ["base", "base/", "base//state", "other/a/state", "base/a/b/state"]
)
def test_topics_of_others_are_left_alone(topic: str) -> None:
    nodes = Nodes("base")
    assert nodes.receive(topic, _state(), retained=False, now_s=NOW) is None
    assert len(nodes) == 0


def test_no_flood_of_names_fills_the_memory() -> None:
    nodes = Nodes("base")
    for number in range(MAX_NODES + 10):
        nodes.receive(
            f"base/{number}/availability", b"online", retained=True, now_s=NOW
        )
    assert len(nodes) == MAX_NODES


@given(
    st.sampled_from(KINDS), st.binary() | _JSON.map(lambda v: json.dumps(v).encode())
)
def test_any_payload_is_survived(kind: str, payload: bytes) -> None:
    node = NodeState("x").receive(kind, payload, retained=False, now_s=NOW)
    assert node.name == "x"


_KEYS = ("confidence", "since", "music", "probabilities", "model", "sequence", "time")


@given(
    st.fixed_dictionaries(
        {"genre": st.text(min_size=1)}, optional=dict.fromkeys(_KEYS, _JSON)
    ),
    st.booleans(),
)
def test_any_state_is_held_within_bounds(
    values: dict[str, Any],
    retained: bool,  # noqa: FBT001 - hypothesis chooses
) -> None:
    heard = parse_state(json.dumps(values), retained=retained, now_s=NOW)
    if heard is None:
        assert not clean(values["genre"], 40)
        return
    assert heard.genre.isprintable()
    assert heard.model.isprintable()
    assert 0.0 <= heard.since_s <= heard.arrived_s <= NOW
    assert heard.confidence is None or 0.0 <= heard.confidence <= 1.0
    for label, probability in heard.probabilities:
        assert label.isprintable()
        assert 0.0 <= probability <= 1.0


@pytest.mark.parametrize(
    "payload",
    [
        b'{"genre": "a", "confidence": NaN}',
        b'{"genre": "a", "confidence": true}',
        b'{"genre": "a", "confidence": "0.5"}',
    ],
)
def test_a_confidence_that_is_no_number_is_none(payload: bytes) -> None:
    heard = _after(("state", payload, 0.0)).heard
    assert heard is not None
    assert heard.confidence is None


def test_numbers_beyond_all_bounds_are_held() -> None:
    huge = b'{"level_dbfs": -1e999, "dropped_hops": 1' + b"0" * 400 + b"}"
    figures = _after(("telemetry", huge, 0.0)).telemetry
    assert figures is not None
    assert figures.level_dbfs == -120.0
    assert figures.dropped_hops is not None
    assert math.isfinite(figures.dropped_hops)


@given(st.text())
def test_cleaned_text_is_printable_short_and_on_one_line(text: str) -> None:
    cleaned = clean(text, 20)
    assert cleaned.isprintable()
    assert len(cleaned) <= 20
    assert "  " not in cleaned


def test_marks_that_turn_the_writing_direction_are_removed() -> None:
    assert clean("ro\u202eck\x1b[31m\u200b!") == "ro ck [31m !"
