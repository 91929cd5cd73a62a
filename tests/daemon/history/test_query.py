"""History over MQTT: any request has a bounded answer or a sentence."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genre_daemon.display.heard import MAX_PAYLOAD
from genre_daemon.history.query import (
    MAX_LIMIT,
    Query,
    build_answer,
    build_refusal,
    parse_answer,
    parse_query,
)
from genre_daemon.history.runs import PastSegment

NOW_S = 1_785_000_000.0

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
GENRES = st.text(min_size=1, max_size=80).filter(
    lambda text: text.isprintable() and not text.isspace()
)


def in_a_row(parts: list[tuple[float, str, float]]) -> list[PastSegment]:
    found, start_s = [], NOW_S
    for length_s, genre, confidence in parts:
        found.append(PastSegment(start_s, start_s + length_s, genre, confidence))
        start_s += length_s
    return found


SEGMENTS = st.lists(
    st.builds(
        lambda length, genre, confidence: (length, genre, confidence),
        st.floats(0.5, 5_000),
        GENRES,
        st.floats(0, 1),
    ),
    max_size=60,
).map(in_a_row)


def request(**keys: object) -> bytes:
    return json.dumps(keys).encode()


def test_nothing_at_all_asks_for_the_last_day() -> None:
    assert parse_query(b"", NOW_S) == Query(NOW_S - 86_400, NOW_S)
    assert parse_query(b" {} ", NOW_S) == Query(NOW_S - 86_400, NOW_S)


def test_a_request_may_name_everything() -> None:
    asked = request(
        **{"from": "2026-07-28T02:00:00+02:00", "to": 1785283200, "limit": 7, "id": "a"}
    )
    found = parse_query(asked, NOW_S)
    assert found == Query(1_785_196_800.0, 1_785_283_200.0, 7, "a")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (b"[]", "a request is a JSON object"),
        (b"{", "a request is a JSON object"),
        (b"\xff\xfe", "a request is a JSON object"),
        (b" " * 2_000, "at most 1024 bytes"),
        (request(form=1), "unknown key 'form'"),
        (request(limit=0), "'limit' must be 1 to 500, got 0"),
        (request(limit=True), "'limit' must be"),
        (request(limit=501), "'limit' must be"),
        (request(to="soon"), "'to' must be seconds"),
        (request(to=float("nan")), "'to' must be seconds"),
        (request(to=-1), "'to' must be seconds"),
        (request(**{"from": 20, "to": 10}), "'from' must be before 'to'"),
        (request(id="a\nb"), "'id' must be"),
        (request(id=7), "'id' must be"),
        (request(id="x" * 65), "'id' must be"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(asked: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        parse_query(asked, NOW_S)
    assert sentence in json.loads(build_refusal(caught.value))["error"]


@given(
    st.one_of(
        st.binary(max_size=2_000),
        JSON.map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries(
            {}, optional={"from": JSON, "to": JSON, "limit": JSON, "id": JSON}
        ).map(lambda value: json.dumps(value).encode()),
    )
)
@example(b'{"to": 1' + b"0" * 900 + b"}")
@example(b"[" * 1_000)
@example(b'{"id": "\\ud800"}')
def test_any_payload_is_understood_or_refused(payload: bytes) -> None:
    try:
        found = parse_query(payload, NOW_S)
    except ValueError as error:
        found, sentence = None, json.loads(build_refusal(error))["error"]
    if found is None:
        assert sentence
        return
    assert 0 <= found.start_s < found.end_s
    assert 1 <= found.limit <= MAX_LIMIT
    assert parse_answer(build_answer(found, [], "attic").encode())[0] == found.ident


@given(SEGMENTS, st.integers(1, MAX_LIMIT))
def test_an_answer_holds_the_newest_segments(
    segments: list[PastSegment], limit: int
) -> None:
    query = Query(0.0, 1e10, limit, "x")
    answer = build_answer(query, segments, "attic")
    ident, found = parse_answer(answer.encode())
    assert ident == "x"
    assert json.loads(answer)["truncated"] == (len(segments) > limit)
    newest = segments[-limit:]
    assert [round(s.end_s, 3) for s in found] == pytest.approx(
        [s.end_s for s in newest], abs=0.002
    )
    assert all(s.node == "attic" for s in found)


def test_an_answer_is_bounded_whatever_the_genres_are_called() -> None:
    segments = in_a_row([(60.0, "\N{MUSICAL SYMBOL G CLEF}" * 64, 0.5)] * MAX_LIMIT)
    answer = build_answer(Query(0.0, 1e10), segments, "n" * 1_000)
    assert len(answer.encode()) <= MAX_PAYLOAD
    content = json.loads(answer)
    assert content["truncated"]
    assert 50 < len(content["segments"]) < MAX_LIMIT
    ends = [s.end_s for s in parse_answer(answer.encode())[1]]
    assert ends[-1] == segments[-1].end_s, "the newest are kept"


def test_an_answer_holds_only_what_was_asked_for() -> None:
    segments = in_a_row([(10.0, "jazz", 0.5)] * 10)
    answer = build_answer(Query(NOW_S + 20, NOW_S + 40), segments, "attic")
    assert len(json.loads(answer)["segments"]) == 2


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_may_come_as_an_answer(payload: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse_answer(payload)


ROW: dict[str, Any] = {"start": 10, "end": 20, "genre": "jazz", "confidence": 0.5}


@given(st.dictionaries(st.sampled_from(sorted(ROW)), JSON))
@example({"confidence": 10**400})
@example({"confidence": float("nan")})
def test_rows_that_make_no_sense_are_left_out(change: dict[str, object]) -> None:
    payload = json.dumps({"segments": [{**ROW, **change}, ROW]}).encode()
    _, found = parse_answer(payload)
    assert found[-1] == PastSegment(10, 20, "jazz", 0.5)
    for segment in found:
        assert segment.duration_s > 0
        assert 0 <= segment.confidence <= 1
        assert segment.genre.isprintable()


def test_a_refusal_is_passed_on() -> None:
    with pytest.raises(ValueError, match="the node says: 'limit' must be"):
        parse_answer(build_refusal(ValueError("'limit' must be 1 to 500")).encode())
