"""A history over MQTT: what may be asked, and an answer of bounded size.

Pure: the publisher carries the messages. A request on ``<node>/get/history`` is a JSON
object, or nothing at all for the last day; the answer on ``<node>/history/answer`` is
one too::

    {"from": "2026-07-28T00:00:00Z", "to": 1785283200, "limit": 100, "id": "kitchen-7"}
    {"id": "kitchen-7", "node": ..., "from": ..., "to": ..., "truncated": false,
     "segments": [{"start": ..., "end": ..., "genre": ..., "confidence": ...}]}

Every key of a request may be left out. A request that cannot be understood is answered
with ``{"error": "<sentence>"}``. Of too many segments the newest are sent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from genre_daemon.display.heard import MAX_PAYLOAD, clean
from genre_daemon.history.runs import PastSegment

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_REQUEST = 1_024
"""Bytes of a request that are taken."""
MAX_LIMIT = 500
"""Segments in an answer at most."""

_KEYS = ("from", "to", "limit", "id")
_DAY_S = 86_400.0
_LATEST_S = 253_402_300_799.0  # the end of the year 9999: RFC 3339 can say no more


@dataclass(frozen=True)
class Query:
    """A request that was understood."""

    start_s: float
    """Seconds since 1970 (UTC)."""
    end_s: float
    limit: int = MAX_LIMIT
    """1 to ``MAX_LIMIT``."""
    ident: str = ""
    """Sent back with the answer, for whoever asks more than one thing."""


def parse_query(payload: bytes, now_s: float) -> Query:
    """Return what a request asks for.

    Parameters
    ----------
    payload : bytes
        Anything at all.
    now_s : float
        Seconds since 1970 (UTC); the default of ``to``.

    Raises
    ------
    ValueError
        With a sentence for whoever asked.
    """
    values = _parse_object(payload)
    end_s = _time(values, "to", now_s)
    start_s = _time(values, "from", end_s - _DAY_S)
    if start_s >= end_s:
        raise ValueError("'from' must be before 'to'")
    limit = values.get("limit", MAX_LIMIT)
    if type(limit) is not int or not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"'limit' must be 1 to {MAX_LIMIT}, got {limit!r:.40}")
    ident = values.get("id", "")
    if not isinstance(ident, str) or ident != clean(ident, 64):
        raise ValueError("'id' must be at most 64 printable characters")
    return Query(start_s, end_s, limit, ident)


def build_answer(query: Query, segments: Sequence[PastSegment], node: str) -> str:
    """Return the answer as JSON of at most ``MAX_PAYLOAD`` bytes.

    Parameters
    ----------
    query : Query
    segments : sequence of PastSegment, oldest first
        One more than ``query.limit`` is enough to know that there are more.
    node : str
    """
    inside = [
        s for s in segments if s.end_s > query.start_s and s.start_s < query.end_s
    ]
    answer: dict[str, Any] = {
        "id": query.ident,
        "node": clean(node, 64),
        "from": _timestamp(query.start_s),
        "to": _timestamp(query.end_s),
        "truncated": len(inside) > query.limit,
        "segments": [],
    }
    room = MAX_PAYLOAD - len(json.dumps(answer))
    kept: list[dict[str, Any]] = []
    for segment in reversed(inside[-query.limit :]):
        row = _row(segment)
        room -= len(json.dumps(row)) + len(", ")
        if room < 0:
            answer["truncated"] = True
            break
        kept.append(row)
    return json.dumps({**answer, "segments": kept[::-1]})


def build_refusal(error: ValueError) -> str:
    """Return the answer to a request that was not understood."""
    return json.dumps({"error": clean(str(error))})


def parse_answer(payload: bytes) -> tuple[str, list[PastSegment]]:
    """Return the ``id`` and the segments of an answer, oldest first.

    Parameters
    ----------
    payload : bytes
        Anything at all: rows that make no sense are left out.

    Raises
    ------
    ValueError
        If it is no answer, or says what was wrong with the request.
    """
    try:
        answer = json.loads(payload[:MAX_PAYLOAD])
    except (ValueError, RecursionError) as error:
        raise ValueError("the answer is no JSON") from error
    if not isinstance(answer, dict) or not isinstance(answer.get("segments"), list):
        said = answer.get("error") if isinstance(answer, dict) else None
        raise ValueError(clean(f"the node says: {said}" if said else "no answer"))
    node = answer.get("node")
    name = clean(node, 64) if isinstance(node, str) else ""
    found = [_parse_row(row, name) for row in answer["segments"][:MAX_LIMIT]]
    ident = answer.get("id")
    return (
        clean(ident, 64) if isinstance(ident, str) else "",
        [segment for segment in found if segment],
    )


def _parse_object(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_REQUEST:
        raise ValueError(f"a request is at most {MAX_REQUEST} bytes")
    if not payload.strip():
        return {}
    try:
        values = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ValueError("a request is a JSON object, or empty") from error
    if not isinstance(values, dict):
        raise ValueError("a request is a JSON object, or empty")
    for key in values:
        if key not in _KEYS:
            raise ValueError(f"unknown key {key!r:.40}: known are {', '.join(_KEYS)}")
    return values


def _time(values: dict[str, Any], key: str, default_s: float) -> float:
    given = values.get(key, default_s)
    found = _seconds(given)
    if found is None:
        raise ValueError(
            f"{key!r} must be seconds since 1970 or as 2026-07-28T00:00:00Z, "
            f"got {given!r:.40}"
        )
    return found


def _seconds(given: object) -> float | None:
    """Return a time given either way, None where it is none."""
    if isinstance(given, str):
        try:
            moment = datetime.fromisoformat(given)
            given = (
                moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            ).timestamp()
        except (ValueError, OverflowError):
            return None
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        return None
    return float(given) if 0 <= given <= _LATEST_S else None


def _row(segment: PastSegment) -> dict[str, Any]:
    return {
        "start": _timestamp(segment.start_s),
        "end": _timestamp(segment.end_s),
        "genre": clean(segment.genre, 64),
        "confidence": round(segment.confidence, 3),
    }


def _parse_row(row: object, node: str) -> PastSegment | None:
    if not isinstance(row, dict) or not isinstance(row.get("genre"), str):
        return None
    start_s, end_s = _seconds(row.get("start")), _seconds(row.get("end"))
    sure = row.get("confidence")
    if isinstance(sure, bool) or not isinstance(sure, (int, float)):
        return None
    genre = clean(row["genre"], 64)
    if start_s is None or end_s is None or start_s >= end_s or not genre:
        return None
    confidence = float(min(1.0, max(0.0, sure)))  # what is no number becomes 0
    return PastSegment(start_s, end_s, genre, confidence, "", node)


def _timestamp(time_s: float) -> str:
    moment = datetime.fromtimestamp(min(max(time_s, 0.0), _LATEST_S), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
