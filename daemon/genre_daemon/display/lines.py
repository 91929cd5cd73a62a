"""EDGE: plain lines to standard output, and the one answer of ``--once``."""

from __future__ import annotations

import logging
import os
import stat
import sys
import time
from typing import TYPE_CHECKING

from genre_daemon.display import words
from genre_daemon.display.plain import SETTLE_S, Teller, json_line, text_line
from genre_daemon.display.view import View

if TYPE_CHECKING:
    from genre_daemon.display.feed import Feed
    from genre_daemon.display.nodes import NodeState
    from genre_daemon.display.view import Broker

_log = logging.getLogger(__name__)

PLAYING, NO_MUSIC, DEAF, NO_BROKER, OFFLINE, NOTHING = 0, 1, 4, 5, 6, 7
"""Exit codes of ``--once``."""
_LOOK_S = 0.1


def follow(
    feed: Feed, *, node: str | None, as_json: bool, duration_s: float | None
) -> None:
    """Print a line a change until time is up.

    Raises
    ------
    BrokenPipeError
        When nobody reads the lines any more.
    """
    until = time.monotonic() + (float("inf") if duration_s is None else duration_s)
    teller = Teller(json_line if as_json else text_line, node)
    broker = feed.broker
    while (left_s := until - time.monotonic()) > 0:
        if not feed.wait(min(SETTLE_S, left_s), out=_pipe()):
            raise BrokenPipeError
        changes = feed.receive() or []
        broker = _report(broker, feed.broker)
        now_s = time.time()
        lines = [line for change in changes for line in teller.push(change, now_s)]
        for line in [*lines, *teller.settle(now_s)]:
            _print(line)


def once(feed: Feed, *, node: str | None, as_json: bool, limit_s: float) -> int:
    """Print what every node, or one, says now, and return the exit code.

    Waits for retained messages, and for a node that is online to say something, but
    at most ``limit_s`` seconds.
    """
    until = time.monotonic() + limit_s
    settled_at = float("inf")
    while (left_s := until - time.monotonic()) > 0:
        feed.wait(min(_LOOK_S, left_s))
        if feed.receive():
            settled_at = time.monotonic() + SETTLE_S
        if time.monotonic() >= settled_at and _decided(_chosen(feed, node)):
            break
    nodes = _chosen(feed, node)
    broker = feed.broker
    if not broker.connected:
        reason = broker.reason or "it does not answer"
        _log.error("no broker at %s: %s", broker.address, reason)
        return NO_BROKER
    if not nodes:
        whom = f"node {node!r}" if node else "any node"
        _log.error("nothing heard of %s within %g s", whom, limit_s)
        return NOTHING
    view = View(now_s=time.time(), broker=broker, nodes=tuple(nodes))
    describe = json_line if as_json else text_line
    for each in nodes:
        _print(describe(each, None, view.now_s))
    return _answer(nodes, view)


def _chosen(feed: Feed, node: str | None) -> list[NodeState]:
    return [each for each in feed.nodes if node in (None, each.name)]


def _decided(nodes: list[NodeState]) -> bool:
    return bool(nodes) and all(
        each.heard or each.problem or each.online is False for each in nodes
    )


def _answer(nodes: list[NodeState], view: View) -> int:
    """Return the exit code: the best news of any node."""
    codes = []
    for node in nodes:
        if words.headline(node, view).heard and node.heard:
            codes.append(PLAYING if node.heard.music else NO_MUSIC)
        elif node.online is False:
            codes.append(OFFLINE)
        else:
            codes.append(DEAF if node.problem else NOTHING)
    return min(codes)


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _report(before: Broker, now: Broker) -> Broker:
    """Log the coming and going of the broker, once each."""
    if before.connected != now.connected:
        if now.connected:
            _log.info("connected to the broker at %s", now.address)
        else:
            _log.warning("no broker at %s: %s; trying again", now.address, now.reason)
    return now


def _pipe() -> int:
    """Return standard output's descriptor where it is a pipe, else -1."""
    try:
        number = sys.stdout.fileno()
        return number if stat.S_ISFIFO(os.fstat(number).st_mode) else -1
    except (OSError, ValueError):
        return -1
