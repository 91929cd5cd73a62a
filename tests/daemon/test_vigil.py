"""What systemd is told of several listeners, over a real socket."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from genre_daemon.notify import Notifier
from genre_daemon.vigil import Vigil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Manager:
    """The receiving end, as systemd holds it."""

    def __init__(self, receiver: socket.socket) -> None:
        self._receiver = receiver

    def told(self) -> set[str]:
        """Return the lines of all that has come."""
        lines: set[str] = set()
        try:
            while True:
                lines |= set(self._receiver.recv(1_000).decode().split("\n"))
        except BlockingIOError:
            return lines


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[tuple[Manager, Vigil]]:
    """A service manager, and who speaks to it of a kitchen and a bath."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.setblocking(False)
        vigil = Vigil(Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")}))
        vigil.watch(["kitchen", "bath"])
        yield Manager(receiver), vigil


def test_ready_is_who_has_a_verdict_and_knows_of_all_sources(
    manager: tuple[Manager, Vigil],
) -> None:
    systemd, vigil = manager
    vigil.fresh_verdict("kitchen", "jazz")
    assert systemd.told() == {"STATUS=kitchen: jazz; bath: starting"}
    vigil.waiting("bath", "no microphone")
    assert systemd.told() == {
        "READY=1",
        "WATCHDOG=1",
        "STATUS=kitchen: jazz; bath: no microphone",
    }


def test_without_any_verdict_it_is_alive_but_not_ready(
    manager: tuple[Manager, Vigil],
) -> None:
    systemd, vigil = manager
    vigil.waiting("kitchen", "no microphone")
    vigil.waiting("bath", "no microphone")
    told = systemd.told()
    assert "WATCHDOG=1" in told
    assert "READY=1" not in told


def test_one_that_hangs_is_not_covered_up_by_the_others(
    manager: tuple[Manager, Vigil],
) -> None:
    systemd, vigil = manager
    for _ in range(60):
        vigil.fresh_verdict("kitchen", "jazz")
    assert "WATCHDOG=1" not in systemd.told()
    vigil.fresh_verdict("bath", "rock")
    assert "WATCHDOG=1" in systemd.told()


def test_a_sound_system_that_hangs_is_no_reason_to_disturb_who_is_well(
    manager: tuple[Manager, Vigil],
) -> None:
    systemd, vigil = manager
    vigil.unanswered("bath", "the sound system did not answer")
    vigil.fresh_verdict("kitchen", "jazz")
    assert "WATCHDOG=1" in systemd.told()
    vigil.unanswered("bath", "the sound system did not answer")
    vigil.unanswered("kitchen", "the sound system did not answer")
    assert "WATCHDOG=1" not in systemd.told()


def test_who_is_not_watched_over_any_more_is_not_waited_for(
    manager: tuple[Manager, Vigil],
) -> None:
    systemd, vigil = manager
    vigil.watch(["kitchen"])
    vigil.fresh_verdict("bath", "rock")
    assert systemd.told() == set()
    vigil.fresh_verdict("kitchen", "jazz")
    assert systemd.told() == {"WATCHDOG=1", "READY=1", "STATUS=jazz"}
