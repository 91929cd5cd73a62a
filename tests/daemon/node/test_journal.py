"""The journal: what no broker has confirmed is kept, in order, and told again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.node.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable


def test_what_is_confirmed_is_struck_out() -> None:
    journal = Journal()
    confirmed: list[bool] = []
    journal.add("a", lambda: bool(confirmed))
    journal.add("b", None)
    assert journal.waiting == ["a", "b"]
    confirmed.append(True)
    assert journal.waiting == ["b"]


def test_replay_is_in_order_and_once_where_it_arrives() -> None:
    journal = Journal()
    for text in "abc":
        journal.add(text, None)
    sent: list[str] = []

    def send(text: str) -> Callable[[], bool]:
        sent.append(text)
        return lambda: True

    assert journal.replay(send) == 3
    assert sent == ["a", "b", "c"]
    assert journal.replay(send) == 0
    assert sent == ["a", "b", "c"]


def test_a_replay_that_is_lost_with_its_connection_is_repeated() -> None:
    journal = Journal()
    journal.add("a", None)
    assert journal.replay(lambda _text: lambda: False) == 1
    assert journal.waiting == ["a"]
    assert journal.replay(lambda _text: lambda: True) == 0  # it is still on its way
    journal.disconnect()
    assert journal.replay(lambda _text: lambda: True) == 1
    assert journal.waiting == []


def test_what_is_on_its_way_is_not_told_a_second_time() -> None:
    journal = Journal()
    journal.add("missed", None)
    journal.add("news", lambda: False)
    sent: list[str] = []

    def send(text: str) -> Callable[[], bool]:
        sent.append(text)
        return lambda: False

    assert journal.replay(send) == 1
    assert sent == ["missed"]


def test_a_replay_ends_where_the_broker_does() -> None:
    journal = Journal()
    for text in "abc":
        journal.add(text, None)
    answers = iter([lambda: True, None])
    assert journal.replay(lambda _text: next(answers)) == 1
    assert journal.waiting == ["b", "c"]


def test_the_oldest_are_let_go_and_counted() -> None:
    journal = Journal(limit=2)
    for text in "abcd":
        journal.add(text, None)
    assert journal.waiting == ["c", "d"]
    assert journal.lost == 2
    journal.replay(lambda _text: None)
    assert journal.lost == 0


def test_it_can_begin_with_what_an_earlier_run_has_left() -> None:
    assert Journal(waiting=["a", "b"]).waiting == ["a", "b"]


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 10))
def test_waiting_is_the_newest_unconfirmed(arrived: list[bool], limit: int) -> None:
    journal = Journal(limit)
    for number, there in enumerate(arrived):
        journal.add(str(number), (lambda: True) if there else None)
    missed = [str(number) for number, there in enumerate(arrived) if not there]
    newest = missed[-limit:]
    # A confirmed message may still hold the last place until the next one comes.
    assert journal.waiting in (newest, missed[-(limit - 1) :] if limit > 1 else [])
