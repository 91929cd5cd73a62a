"""EDGE: one node on a broker. Says what is heard, when, and with which flags.

State goes out when it changes, as a heartbeat, and at every hop while somebody
watches. Topics hang below ``<base topic>/<node>``. What is retained never says more
than is known: while nothing can be heard, the state is empty.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from genre_daemon.mqtt.connection import Will
from genre_daemon.node.changes import Changes
from genre_daemon.node.commands import (
    LONGEST_WATCH_S,
    Command,
    Listening,
    Threshold,
    Watch,
)
from genre_daemon.node.inbox import Inbox
from genre_daemon.node.report import (
    HEARTBEAT_S,
    MICROPHONE_OFF,
    MICROPHONE_OK,
    TELEMETRY_S,
    Report,
    fraction,
    microphone,
    telemetry,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from genre_daemon.messages import Verdict
    from genre_daemon.node.wire import Wire


class Publisher:
    """One node on a broker.

    Parameters
    ----------
    wire : Wire
        The connection, which other nodes may share.
    node : str
    model : str
        Title of the bundle, told with every state.
    labels : sequence of str
        Names of the probabilities.
    threshold : float, 0 to 1
        Confidence under which verdicts are ``unknown``, as it is at the start.
    listening : bool
        Whether the microphone is wanted, as it is at the start.
    predictions : bool
        Whether every prediction is published too.
    missed : Path, optional
        File for the changes that no broker has confirmed; by default they are kept in
        memory alone.
    on_command : callable(Listening or Threshold), optional
        Does what was asked, and answers with :meth:`listening` or :meth:`threshold`.
        Called on the connection's thread, so it must not wait.
    on_query : callable(bytes), optional
        Answers a request for the history; on the same thread.
    clock : callable, optional
        Wall-clock seconds since the epoch.
    """

    def __init__(  # noqa: PLR0913 - said once, in the outputs
        self,
        wire: Wire,
        *,
        node: str,
        model: str,
        labels: Sequence[str],
        threshold: float = 0.0,
        listening: bool = True,
        predictions: bool = False,
        missed: Path | None = None,
        on_command: Callable[[Listening | Threshold], None] | None = None,
        on_query: Callable[[bytes], str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.node = node
        """Its name."""
        self.root = f"{wire.base_topic}/{node}"
        """Topic under which everything is published."""
        self.labels = tuple(labels)
        """Genres that it may name."""
        self._wire = wire
        self._on_command = on_command
        self._on_query = on_query
        self._predictions = predictions
        self._clock = clock
        self._lock = threading.Lock()  # the connection's thread sends all anew
        self._report = Report(model, labels)
        self._kept = {"listening": "on", "threshold": fraction(threshold)}
        if not listening:
            self._kept |= {"listening": "off", "microphone": MICROPHONE_OFF}
        self._sent_at = self._telemetry_at = float("-inf")
        self._watched_until = float("-inf")
        self._inbox = Inbox(self.root, self._obey, on_query and self._answer)
        self._changes = Changes(self.root, wire.deliver, missed)

    @property
    def subscriptions(self) -> list[str]:
        """Topics whose messages are to be passed to :meth:`receive`."""
        return self._inbox.subscriptions

    def receive(self, topic: str, payload: bytes, *, retained: bool) -> bool:
        """Take a message; return whether it was addressed to this node."""
        return self._inbox.receive(topic, payload, retained=retained)

    def start(self) -> None:
        """Begin to write down what no broker confirms."""
        self._changes.start()

    def stop(self) -> None:
        """Leave to the next run what no broker has confirmed."""
        self._changes.stop()

    def connected(self) -> None:
        """Say everything anew to a broker that may know nothing, or the past."""
        with self._lock:
            for kind, text in self._kept.items():
                self._retain(f"{self.root}/{kind}", text)
            # Empty where nothing is known: an earlier run may have left something.
            self._send_state(self._clock(), genre=True)
            self._retain(f"{self.root}/availability", "online")
        self._changes.connected()

    def disconnected(self) -> None:
        """Take note that what the broker has not confirmed was missed."""
        self._changes.disconnected()

    def farewell(self) -> list[Will]:
        """Return what to say at the end: ``offline``, and nothing of what was heard."""
        last = {"availability": "offline", "genre": "", "state": ""}
        return [Will(f"{self.root}/{kind}", text) for kind, text in last.items()]

    def verdict(self, verdict: Verdict) -> None:
        """Publish a verdict where it is news, due, or watched."""
        now = self._clock()
        with self._lock:
            if self._kept["listening"] == "off":
                return  # what was still under way when the microphone was closed
            before = self._report.genre
            self._changes.push(self._report.push(verdict, now))
            changed = before != verdict.genre
            due = self._is_watched(now) or _is_over(HEARTBEAT_S, self._sent_at, now)
            if changed or due:
                self._send_state(now, genre=changed)
            if self._predictions:
                prediction = self._report.prediction(verdict, now)
                self._wire.publish(f"{self.root}/prediction", prediction)

    def microphone(self, problem: str) -> None:
        """Publish the health of the source: a reason, or nothing if all is well."""
        with self._lock:
            if self._kept["listening"] == "on":
                self._tell_microphone(microphone(problem))

    def listening(self, on: bool) -> None:  # noqa: FBT001 - a switch
        """Publish whether the microphone is wanted: off once it is closed, on first."""
        text = "on" if on else "off"
        with self._lock:
            if text == self._kept["listening"]:
                return
            self._keep("listening", text)
            if not on:
                self._tell_microphone(MICROPHONE_OFF)

    def threshold(self, value: float) -> None:
        """Publish the confidence, 0 to 1, under which verdicts are ``unknown``."""
        with self._lock:
            self._keep("threshold", fraction(value))

    def telemetry(self, figures: Mapping[str, float]) -> None:
        """Publish figures of the daemon itself where they are due or watched."""
        now = self._clock()
        if self._is_watched(now) or _is_over(TELEMETRY_S, self._telemetry_at, now):
            self._telemetry_at = now
            self._wire.publish(f"{self.root}/telemetry", telemetry(figures, now))

    def _is_watched(self, now: float) -> bool:
        return 0 < self._watched_until - now <= LONGEST_WATCH_S

    def _retain(self, topic: str, payload: str) -> None:
        self._wire.publish(topic, payload, qos=1, retain=True)

    def _keep(self, kind: str, text: str) -> None:
        """Publish a text that stands until it changes. The lock is held."""
        self._kept[kind] = text
        self._retain(f"{self.root}/{kind}", text)

    def _tell_microphone(self, text: str) -> None:
        """Say how the microphone is. The lock is held."""
        if text == self._kept.get("microphone"):
            return
        self._keep("microphone", text)
        if text != MICROPHONE_OK:
            # What was heard before says nothing about now.
            self._report.reset()
            self._send_state(self._clock(), genre=True)

    def _send_state(self, now: float, *, genre: bool) -> None:
        """Send the state and, where asked, the plain genre. The lock is held."""
        self._sent_at = now
        self._retain(f"{self.root}/state", self._report.state)
        if genre:
            self._retain(f"{self.root}/genre", self._report.genre)

    def _obey(self, command: Command) -> None:
        if isinstance(command, Watch):
            self._watched_until = self._clock() + command.seconds
        elif self._on_command is not None:
            self._on_command(command)

    def _answer(self, request: bytes) -> None:
        if self._on_query is not None:
            answer = self._on_query(request)
            self._wire.publish(f"{self.root}/history/answer", answer, qos=1)


def _is_over(seconds: float, since: float, now: float) -> bool:
    """Return whether so long has passed, or the clock was set back meanwhile."""
    return not 0 <= now - since < seconds
