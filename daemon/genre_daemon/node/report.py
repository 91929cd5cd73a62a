"""What a node knows now, in the words of its messages.

A verdict and the time go in; texts for the topics come out. Nothing here sends.

Conventions
-----------
``now_s`` is seconds since 1970 on the wall clock. Times in messages are RFC 3339 in
UTC. An empty text means that nothing is known; sent retained, it removes what was.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from genre_daemon.messages import Verdict

HEARTBEAT_S = 30.0
"""Seconds after which state is sent again though nothing changed."""
TELEMETRY_S = 10.0
"""Seconds between telemetry messages while nobody watches."""
CLOCK_STEP_S = 5.0
"""Seconds by which two clocks disagree from hop to hop only if one was set."""
EVENT_TYPE = "genre_changed"
"""The one type of event there is."""
MICROPHONE_OK, MICROPHONE_OFF, MICROPHONE_PROBLEM = "ok", "off", "problem"
"""How a microphone may be; a problem is followed by a colon and the reason."""


class Report:
    """The newest verdict, worded.

    Parameters
    ----------
    model : str
        Title of the bundle, told with every state.
    labels : sequence of str
        Names of the probabilities.
    """

    def __init__(self, model: str, labels: Sequence[str]) -> None:
        self._model = model
        self._labels = tuple(labels)
        self._sequence = 0
        self._state: dict[str, Any] = {}
        self._began_s = 0.0  # on the wall clock, as it is set now
        self._last = (0.0, 0.0, 0.0)  # wall and sample clock, and since when, of before

    @property
    def genre(self) -> str:
        """The genre as a plain word."""
        return str(self._state.get("genre", ""))

    @property
    def state(self) -> str:
        """Everything about the newest verdict, as JSON."""
        return json.dumps(self._state) if self._state else ""

    def push(self, verdict: Verdict, now_s: float) -> str:
        """Take a verdict; return the event that it is, empty where it is none."""
        before = self.genre
        self._sequence += 1
        self._state = {
            "genre": verdict.genre,
            "confidence": round(verdict.confidence, 3),
            "since": self._since(verdict, now_s),
            "music": verdict.music,
            "probabilities": self._by_label(verdict.probabilities.tolist()),
            "model": self._model,
            "sequence": self._sequence,
            "time": timestamp(now_s),
        }
        if before in ("", verdict.genre):
            return ""
        event = {
            "event_type": EVENT_TYPE,
            "from": before,
            "to": verdict.genre,
            "confidence": round(verdict.confidence, 3),
            "time": timestamp(now_s),
        }
        return json.dumps(event)

    def prediction(self, verdict: Verdict, now_s: float) -> str:
        """Return the prediction behind a verdict, as JSON."""
        probabilities = verdict.prediction.probabilities.tolist()
        payload = {
            "sequence": self._sequence,
            "probabilities": self._by_label(probabilities),
            "time": timestamp(now_s),
        }
        return json.dumps(payload)

    def reset(self) -> None:
        """Know nothing: what was heard before says nothing about now."""
        self._state = {}

    def _since(self, verdict: Verdict, now_s: float) -> str:
        """Return when this genre began, by the wall clock as it is set now."""
        last_s, last_time_s, last_since_s = self._last
        self._last = (now_s, verdict.time_s, verdict.since_s)
        if self.genre != verdict.genre or last_since_s != verdict.since_s:
            self._began_s = now_s - (verdict.time_s - verdict.since_s)
            return timestamp(self._began_s)
        # The sample clock cannot be set: where the other left it behind, or fell
        # behind it, somebody has. A hop that comes late is no such step.
        step_s = (now_s - last_s) - (verdict.time_s - last_time_s)
        if abs(step_s) > CLOCK_STEP_S:
            self._began_s += step_s
        return timestamp(self._began_s)

    def _by_label(self, probabilities: list[float]) -> dict[str, float]:
        rounded = (round(p, 3) for p in probabilities)
        return dict(zip(self._labels, rounded, strict=True))


def microphone(problem: str) -> str:
    """Return how the microphone is; ``problem`` is empty where all is well."""
    return f"{MICROPHONE_PROBLEM}: {problem}" if problem else MICROPHONE_OK


def fraction(value: float) -> str:
    """Return a number, 0 to 1, as people write it."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def telemetry(figures: Mapping[str, float], now_s: float) -> str:
    """Return figures of the daemon itself, as JSON."""
    return json.dumps({**figures, "time": timestamp(now_s)})


def timestamp(seconds: float) -> str:
    """Return RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
