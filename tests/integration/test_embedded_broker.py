"""The broker that comes along: nobody outside this machine can reach it."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest
from tests.integration.daemons import daemon
from tests.integration.listening import listening_addresses

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.service


def test_genre_daemon_listens_on_the_loopback_and_nowhere_else(tmp_path: Path) -> None:
    arguments = ("--device", "demo", "--name", "room")
    with daemon(*arguments, environ={"HOME": str(tmp_path)}) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "connected to" in line)
        port = int(line.split(":")[3].split()[0])
        found = listening_addresses(process.pid)
        assert list(found) == [port]
        assert all(address.is_loopback for address in found.values())


def test_what_listens_elsewhere_would_be_seen() -> None:
    with socket.socket() as one, socket.socket(socket.AF_INET6) as other:
        one.bind(("0.0.0.0", 0))  # noqa: S104 - this is what must be noticed
        other.bind(("::", 0))
        for listener in (one, other):
            listener.listen()
        found = listening_addresses(os.getpid())
        assert str(found[one.getsockname()[1]]) == "0.0.0.0"  # noqa: S104 - noticed
        assert str(found[other.getsockname()[1]]) == "::"
