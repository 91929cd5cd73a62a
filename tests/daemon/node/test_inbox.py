"""The inbox: what is addressed to the node is obeyed or refused, nothing else taken."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.node.commands import (
    LONGEST_WATCH_S,
    Command,
    Listening,
    Threshold,
    Watch,
)
from genre_daemon.node.inbox import Inbox


def inbox(obeyed: list[Command], asked: list[bytes] | None = None) -> Inbox:
    """Return the inbox of a node that does as it is told."""
    return Inbox("b/n", obeyed.append, None if asked is None else asked.append)


def test_commands_and_requests_go_where_they_belong() -> None:
    obeyed: list[Command] = []
    asked: list[bytes] = []
    box = inbox(obeyed, asked)
    for topic in box.subscriptions:
        assert box.receive(topic, b"1", retained=False)
    assert obeyed == [Threshold(1.0), Watch(1)]  # 1 is no word for listening
    assert asked == [b"1"]


def test_without_a_history_none_is_asked_for() -> None:
    box = inbox([])
    assert "b/n/get/history" not in box.subscriptions
    assert box.receive("b/n/get/history", b"", retained=False)


@pytest.mark.parametrize(
    "topic", ["b/n/state", "b/n", "b/nn/set/watch", "x/b/n/set/watch", "set/watch", ""]
)
def test_other_topics_are_left_to_others(topic: str) -> None:
    obeyed: list[Command] = []
    assert not inbox(obeyed).receive(topic, b"1", retained=False)
    assert obeyed == []


def test_retained_commands_are_refused_with_the_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    obeyed: list[Command] = []
    assert inbox(obeyed).receive("b/n/set/listening", b"on", retained=True)
    assert obeyed == []
    assert "b/n/set/listening is retained: send it without that flag" in caplog.text


def test_a_flood_of_nonsense_is_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    box = inbox([])
    for _ in range(1_000):
        box.receive("b/n/set/listening", b"x" * 10_000, retained=False)
    assert len(caplog.records) == 1
    assert len(caplog.records[0].getMessage()) < 400


@given(
    start=st.sampled_from(["b/n/set/", "b/n/get/", "b/n/", ""]),
    end=st.sampled_from(["listening", "threshold", "watch", "history"]) | st.text(),
    payload=st.binary() | st.sampled_from([b"on", b"off", b"0.5", b"60"]),
    retained=st.booleans(),
)
def test_whatever_comes_is_bounded_and_never_raises(
    *, start: str, end: str, payload: bytes, retained: bool
) -> None:
    logging.disable(logging.WARNING)
    obeyed: list[Command] = []
    try:
        inbox(obeyed, []).receive(start + end, payload, retained=retained)
    finally:
        logging.disable(logging.NOTSET)
    assert not (retained and obeyed)
    for command in obeyed:
        match command:
            case Listening():
                assert payload.strip().lower() in (b"on", b"off")
            case Threshold(value):
                assert 0.0 <= value <= 1.0
            case Watch(seconds):
                assert 0 <= seconds <= LONGEST_WATCH_S
