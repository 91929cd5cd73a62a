"""What systemd is told, over a real socket."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from genre_daemon.notify import Notifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The receiving end, as systemd holds it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(1.0)
        yield receiver


def notifier(manager: socket.socket) -> Notifier:
    """Return a notifier that talks to it."""
    return Notifier({"NOTIFY_SOCKET": manager.getsockname()})


def test_ready_comes_with_the_first_verdict_and_only_then(
    manager: socket.socket,
) -> None:
    told = notifier(manager)
    told.status("no microphone was found")
    assert manager.recv(500) == b"STATUS=no microphone was found"
    told.fresh_verdict("jazz")
    assert manager.recv(500).split(b"\n") == [
        b"WATCHDOG=1",
        b"READY=1",
        b"STATUS=jazz",
    ]
    told.fresh_verdict("jazz")
    assert manager.recv(500) == b"WATCHDOG=1"


def test_the_same_status_is_not_repeated(manager: socket.socket) -> None:
    told = notifier(manager)
    told.status("quiet")
    told.status("quiet")
    told.stopping()
    assert manager.recv(500) == b"STATUS=quiet"
    assert manager.recv(500) == b"STOPPING=1\nSTATUS=stopping"


def test_a_status_cannot_smuggle_in_a_line(manager: socket.socket) -> None:
    notifier(manager).status("odd\nREADY=1")
    assert manager.recv(500) == b"STATUS=odd READY=1"


def test_a_loop_that_made_sure_is_alive_but_not_ready(manager: socket.socket) -> None:
    told = notifier(manager)
    told.waiting("no microphone was found")
    assert manager.recv(500) == b"WATCHDOG=1\nSTATUS=no microphone was found"


def test_only_who_was_ready_is_ready_after_a_reload(manager: socket.socket) -> None:
    told = notifier(manager)
    told.reloading()
    told.reloaded()
    told.fresh_verdict("jazz")
    assert b"READY=1" in manager.recv(500)
    told.reloading()
    told.reloaded()
    reloading, since = manager.recv(500).split(b"\n")
    assert reloading == b"RELOADING=1"
    assert since.startswith(b"MONOTONIC_USEC=")
    assert manager.recv(500) == b"READY=1"


def test_nobody_there_is_no_trouble(tmp_path: Path) -> None:
    Notifier({}).fresh_verdict("jazz")
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).fresh_verdict("jazz")
