"""The content of a node's messages: strict about meaning, forgiving about junk.

Whatever a broker may carry is taken: what cannot be understood is left out, numbers
are held within bounds, and no text leaves with a control character in it.

Conventions
-----------
Times are seconds since 1970 (UTC) on *this* machine's clock.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from genre_daemon.messages import is_music

MAX_PAYLOAD = 65_536
"""Bytes of a payload that are looked at."""
_MAX_LABELS = 256


def clean(text: str, limit: int = 200) -> str:
    """Return text that is safe to show: printable, on one line, of bounded length.

    Control characters, escape sequences' lead bytes, line breaks and the marks that
    turn the writing direction all become spaces, and runs of spaces become one.
    """
    printable = "".join(ch if ch.isprintable() else " " for ch in text[: 4 * limit])
    return " ".join(printable.split())[:limit]


@dataclass(frozen=True)
class Heard:
    """The content of a ``state`` message: a verdict and where it came from."""

    genre: str
    confidence: float | None
    """In [0, 1]."""
    since_s: float
    """When the genre began."""
    music: bool
    probabilities: tuple[tuple[str, float], ...]
    """Label and probability in [0, 1], sorted by label."""
    model: str
    sequence: int | None
    arrived_s: float
    """When the message arrived, or for a retained one when it was written."""
    delay_s: float | None
    """From the node's clock to the arrival; None for a retained message."""


@dataclass(frozen=True)
class Telemetry:
    """The content of a ``telemetry`` message."""

    level_dbfs: float | None
    inference_ms: float | None
    dropped_hops: int | None
    overflows: int | None
    uptime_s: float | None


def parse_microphone(text: str) -> str | None:
    """Return the microphone's problem: empty for none, None for no message."""
    if not text:
        return None
    if text.lower() == "ok":
        return ""
    reason = text[len("problem") :] if text.lower().startswith("problem") else text
    return clean(reason.lstrip(" :")) or "no reason given"


def _parse_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _number(value: object, low: float, high: float) -> float | None:
    """Return a number held within its bounds, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    return float(min(max(value, low), high))


def _count(value: object) -> int | None:
    number = _number(value, 0, 1e15)
    return None if number is None else int(number)


def _time(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def parse_telemetry(text: str) -> Telemetry | None:
    """Return the figures of a ``telemetry`` payload, None where there are none."""
    values = _parse_object(text)
    if not values:
        return None
    return Telemetry(
        level_dbfs=_number(values.get("level_dbfs"), -120.0, 20.0),
        inference_ms=_number(values.get("inference_ms"), 0.0, 1e6),
        dropped_hops=_count(values.get("dropped_hops")),
        overflows=_count(values.get("overflows")),
        uptime_s=_number(values.get("uptime_s"), 0.0, 1e10),
    )


def parse_state(text: str, *, retained: bool, now_s: float) -> Heard | None:
    """Return the verdict of a ``state`` payload, None where it names no genre.

    Parameters
    ----------
    text : str
        Anything.
    retained : bool
        Whether the broker had kept it, so that its arrival tells nothing of delay.
    now_s : float
        Time of arrival.
    """
    values = _parse_object(text)
    genre = values.get("genre")
    if not isinstance(genre, str) or not clean(genre, 40):
        return None
    genre = clean(genre, 40)
    music = values.get("music")
    written_s = _time(values.get("time"))
    since_s = _time(values.get("since"))
    arrived_s, delay_s = now_s, None
    if written_s is not None and retained:
        arrived_s = min(written_s, now_s)
    elif written_s is not None:
        delay_s = now_s - written_s
        # The clocks may differ: what lasts, lasts equally long on both.
        since_s = None if since_s is None else since_s + delay_s
    return Heard(
        genre=genre,
        confidence=_number(values.get("confidence"), 0.0, 1.0),
        since_s=max(0.0, min(arrived_s if since_s is None else since_s, arrived_s)),
        music=music if isinstance(music, bool) else is_music(genre),
        probabilities=_parse_probabilities(values.get("probabilities")),
        model=clean(model, 60) if isinstance(model := values.get("model"), str) else "",
        sequence=_count(values.get("sequence")),
        arrived_s=arrived_s,
        delay_s=delay_s,
    )


def _parse_probabilities(value: object) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, dict):
        return ()
    found = {}
    for label, given in list(value.items())[:_MAX_LABELS]:
        probability = _number(given, 0.0, 1.0)
        if probability is not None and clean(label, 40):
            found[clean(label, 40)] = probability
    return tuple(sorted(found.items()))
