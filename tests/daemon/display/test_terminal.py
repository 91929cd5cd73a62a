"""What a terminal can do, its keys, its errors, and what keys choose."""

from __future__ import annotations

import os
import pty
import termios

import pytest

from genre_daemon.display.capabilities import detect
from genre_daemon.display.keys import END, Keyboard, parse
from genre_daemon.display.live import Session
from genre_daemon.display.nodes import NodeState
from genre_daemon.display.screen import HeldErrors
from genre_daemon.display.view import Broker, View


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({"LANG": "en_GB.UTF-8"}, True),
        ({"LANG": "de_DE.utf8@euro"}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),  # as Python itself leaves it
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "en_GB.UTF-8", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "en_GB.ISO-8859-1"}, False),
        ({"LANG": "en_GB.UTF-8", "TERM": "linux"}, False),
        ({}, False),
    ],
)
def test_unicode_is_used_where_the_locale_speaks_it(
    environ: dict[str, str],
    unicode: bool,  # noqa: FBT001
) -> None:
    assert detect(environ).unicode is unicode
    assert detect(environ, unicode=True).unicode


@pytest.mark.parametrize(("value", "colour"), [("1", False), ("0", False), ("", True)])
def test_no_color_is_honoured(value: str, colour: bool) -> None:  # noqa: FBT001
    assert detect({"NO_COLOR": value}).colour is colour


def test_arrows_and_other_sequences_are_no_keys() -> None:
    assert parse("\x1b[A\x1bOPn\x1b[1;5C \x1b") == ["n", " "]


def test_the_keyboard_is_put_back_as_it_was() -> None:
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    with Keyboard(theirs) as keyboard:
        assert not termios.tcgetattr(theirs)[3] & (termios.ICANON | termios.ECHO)
        assert keyboard.read() == []
        os.write(ours, b"qN")
        assert keyboard.fds == (theirs,)
        typed: list[str] = []
        while len(typed) < 2:
            typed += keyboard.read()
        assert typed == ["q", "n"]
        os.close(ours)
        assert keyboard.read() == [END]
    assert before[3] & termios.ICANON
    os.close(theirs)


def test_what_is_no_terminal_has_no_keys() -> None:
    read, write = os.pipe()
    os.write(write, b"q")
    with Keyboard(read) as keyboard:
        assert keyboard.fds == ()
        assert keyboard.read() == []
    os.close(read)
    os.close(write)


def test_errors_written_meanwhile_appear_afterwards() -> None:
    ours, theirs = pty.openpty()
    kept = os.dup(2)
    os.dup2(theirs, 2)
    try:
        with HeldErrors() as held:
            os.write(2, b"ALSA lib: one\n" * 30 + b"and the last")
            held.drain()
            os.set_blocking(ours, False)
            with pytest.raises(BlockingIOError):
                os.read(ours, 100)
        shown = os.read(ours, 65_536)
    finally:
        os.dup2(kept, 2)
        for number in (kept, ours, theirs):
            os.close(number)
    assert (
        shown.count(b"ALSA lib: one") == 20
    )  # the last lines, not all there ever were
    assert shown.endswith(b"and the last")


def test_keys_choose_what_is_shown() -> None:
    nodes = tuple(NodeState(name) for name in ("attic", "bath", "cellar"))
    session = Session()

    def view() -> View:
        broker = Broker("192.0.2.10:1883", connected=True)
        return View(0.0, broker, nodes, session.wanted, everyone=session.everyone)

    for expected in ("bath", "cellar", "attic"):
        session.press("n", view())
        assert session.wanted == expected
    session.press("a", view())
    assert session.everyone
    session.press("h", view())
    assert session.help
    session.press("x", view())
    assert not session.help
    session.press(" ", view())
    assert session.frozen is not None
    assert session.frozen.paused
    session.press(" ", view())
    assert session.frozen is None
    session.press("q", view())
    assert session.over
