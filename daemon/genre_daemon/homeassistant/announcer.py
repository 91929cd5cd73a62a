"""EDGE: announces nodes to Home Assistant, and takes back what is out of date.

It waits a little after every connection, so that the broker can say what is there
already, and a random while after Home Assistant was started, so that a house full of
nodes does not speak all at once.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from genre_daemon.homeassistant.discovery import Retained
from genre_daemon.homeassistant.leftovers import About, Leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genre_daemon.homeassistant.discovery import Discovery

_log = logging.getLogger(__name__)

_SETTLE_S = (1.0, 2.0)
"""Seconds from a connection to the announcement."""
_BIRTH_S = (0.5, 5.0)
"""Seconds from Home Assistant's birth message to the announcement."""
_PAUSE_S = 3.0
"""Seconds that Home Assistant gets for each step of a migration."""
_MIGRATE = json.dumps({"migrate_discovery": True})

Steps = list[list[Retained]]


class Announcer:
    """Keeps Home Assistant's knowledge of a daemon's nodes up to date.

    Parameters
    ----------
    discoveries : sequence of Discovery
        One a node; of one prefix.
    base_topic : str
    publish : callable(topic, payload)
        Sends a retained message.
    """

    def __init__(
        self,
        discoveries: Sequence[Discovery],
        base_topic: str,
        publish: Callable[[str, str], object],
    ) -> None:
        self._discoveries = discoveries
        self._publish = publish
        first = discoveries[0]
        self._leftovers = Leftovers(
            [discovery.identity for discovery in discoveries], base_topic, first.daemon
        )
        # Home Assistant's own prefix does not move its birth message along.
        self._births = sorted({f"{first.prefix}/status", "homeassistant/status"})
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        self._busy = True
        self._warned: set[str] = set()
        self._stopped = False

    @property
    def subscriptions(self) -> list[str]:
        """Topic filters whose messages are to be passed to :meth:`receive`."""
        return [*self._leftovers.subscriptions, *self._births]

    def connected(self) -> None:
        """Begin anew: the broker is about to say what it has."""
        with self._lock:
            self._leftovers.reset()
            self._start(random.uniform(*_SETTLE_S), self._announce)  # noqa: S311

    def stop(self) -> None:
        """Say nothing any more."""
        with self._lock:
            self._stopped = True
            if self._timer is not None:
                self._timer.cancel()

    def receive(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take a message; others than those subscribed to change nothing."""
        with self._lock:
            born = topic in self._births and payload == b"online"
            if topic not in self._births:
                self._leftovers.push(topic, payload, retained=retained)
            if self._busy:
                return  # what is going to be said anyway says it all
            if born:
                self._start(random.uniform(*_BIRTH_S), self._announce)  # noqa: S311
            elif self._leftovers.stale():
                # The last will of our former name came only now.
                self._start(_PAUSE_S, self._announce)

    def _start(self, seconds: float, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._busy = True
        if not self._stopped:
            self._timer = threading.Timer(seconds, action)
            self._timer.daemon = True
            self._timer.start()

    def _announce(self) -> None:
        with self._lock:
            for name in set(self._leftovers.rivals()) - self._warned:
                self._warned.add(name)
                _log.error(
                    "another machine is %r on this broker too: give each its own name, "
                    "node.name in its configuration",
                    name,
                )
            stale = self._leftovers.stale()
            if stale:
                _log.info("clearing away %s", ", ".join(stale))
            self._take(self._plan(stale))

    def _plan(self, stale: Sequence[str]) -> Steps:
        """Return what to send for all nodes, step by step."""
        plans = [
            plan(discovery, self._leftovers.announced(discovery.identity))
            for discovery in self._discoveries
        ]
        steps = [list(chain(*each)) for each in zip_longest(*plans, fillvalue=())]
        steps[-1] += [Retained(topic, "") for topic in stale]
        return steps

    def _take(self, steps: Steps) -> None:
        """Send the first step, and the others after a pause each."""
        with self._lock:
            for message in steps[0]:
                self._publish(message.topic, message.payload)
            if steps[1:]:
                self._start(_PAUSE_S, lambda: self._take(steps[1:]))
            else:
                self._leftovers.settle([about(each) for each in self._discoveries])
                self._busy = False


def about(discovery: Discovery) -> About:
    """Return what a node says of itself once it is announced."""
    identity = discovery.identity
    topics = tuple(message.topic for message in discovery.messages())
    return About(identity.id, identity.installation, topics, discovery.daemon)


def plan(discovery: Discovery, announced: Sequence[str]) -> Steps:
    """Return what to send, step by step, to be known as ``discovery`` and no other.

    Parameters
    ----------
    discovery : Discovery
    announced : sequence of str
        Topics under which an earlier run announced the same node.

    Returns
    -------
    list of list of Retained
        A migration takes three steps, as Home Assistant documents it: its entities
        keep their names and their history.
    """
    messages = discovery.messages()
    own = about(discovery)
    gone = [topic for topic in announced if topic not in own.discovery]
    last = [
        *(Retained(topic, "") for topic in gone),
        Retained(f"{discovery.root}/about", own.to_json()),
    ]
    styles = {_is_device(topic) for topic in (*gone, *own.discovery)}
    if gone and messages and len(styles) > 1:
        return [[Retained(topic, _MIGRATE) for topic in gone], messages, last]
    return [[*messages, *last]]


def _is_device(topic: str) -> bool:
    return topic.split("/")[-3:-2] == ["device"]
