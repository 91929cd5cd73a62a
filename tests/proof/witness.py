"""Who hears all that a node says, and can tell afterwards whether it was right."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.integration.client import Client
from tests.proof.stage import ROOT

from genre_daemon.messages import STATES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import paho.mqtt.client as paho

    Span = tuple[float, float]
    """Begin and end, seconds since 1970."""

_ROUNDING_S = 2.0
"""A change is dated by the hop that showed it, a fault by the script's own clock."""


@dataclass(frozen=True)
class Change:
    """A genre change, as a node told it."""

    time_s: float
    before: str
    after: str
    late: bool
    """Whether it came on ``history``."""

    @property
    def words(self) -> str:
        """The change, for people."""
        moment = datetime.fromtimestamp(self.time_s).astimezone()
        return f"{moment:%H:%M:%S} {self.before} -> {self.after}"


class Witness(Client):
    """Remembers the newest word on every topic, and all changes in order."""

    def __init__(self, port: int) -> None:
        super().__init__(port, f"{ROOT}/#")
        self.changes: list[Change] = []
        self._lock = threading.Lock()
        self._newest: dict[str, str] = {}
        self._spoken_s = float("-inf")

    def receive(self, message: paho.MQTTMessage) -> None:
        """Take a message; called on the client's thread."""
        kind = message.topic.removeprefix(f"{ROOT}/")
        text = message.payload.decode(errors="replace")
        if kind.startswith(("set/", "get/")):
            return  # what others say to the node
        with self._lock:
            self._newest[kind] = text
            if not message.retain:
                self._spoken_s = time.time()
            if kind in ("event", "history"):
                told = json.loads(text)
                when_s = datetime.fromisoformat(told["time"]).timestamp()
                self.changes.append(
                    Change(when_s, told["from"], told["to"], late=kind == "history")
                )

    def say(self, topic: str, payload: bytes) -> None:
        """Publish and forget, as rubbish is."""
        self._client.publish(topic, payload, 1)

    def last(self, kind: str) -> str:
        """Return the newest word on a topic of the node; empty if there is none."""
        with self._lock:
            return self._newest.get(kind, "")

    @property
    def names_music(self) -> bool:
        """Whether somebody who believes the node now thinks that music plays."""
        genre = self.last("genre")
        online = self.last("availability") == "online"
        return online and genre not in ("", *STATES)

    def spoke_after(self, time_s: float) -> bool:
        """Return whether the node itself has said something since."""
        return self._spoken_s > time_s


def judge_changes(changes: list[Change], excused: Iterable[Span]) -> list[str]:
    """Return what is wrong with the changes that were told.

    Parameters
    ----------
    changes : list of Change, in the order in which they came
    excused : iterable of (float, float)
        Times in which the node could not hear, or was not there: what was known
        before is forgotten then, and the next genre is a beginning and no change.

    Notes
    -----
    Each change begins where the one before it has ended. A link that is missing is a
    change that was lost; an outage of the broker is no excuse for that.
    """
    found = []
    for late in (False, True):
        times = [change.time_s for change in changes if change.late is late]
        if times != sorted(times):
            found.append(f"out of order on {'history' if late else 'event'}")
    spans = list(excused)
    chain = sorted(
        {(c.time_s, c.before, c.after): c for c in changes}.values(), key=_time
    )
    for one, two in pairwise(chain):
        broken = one.after != two.before
        span = (one.time_s - _ROUNDING_S, two.time_s + _ROUNDING_S)
        if broken and not any(a < span[1] and b > span[0] for a, b in spans):
            found.append(f"a change is missing between {one.words} and {two.words}")
    return found


def repeated(changes: Iterable[Change]) -> int:
    """Return how many changes were told again."""
    times = Counter((c.time_s, c.before, c.after) for c in changes)
    return sum(count - 1 for count in times.values())


def _time(change: Change) -> float:
    return change.time_s
