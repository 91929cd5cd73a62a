"""A real Mosquitto on a free port of the loopback, to be stopped, killed and frozen."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_PATIENCE_S = 30.0


class Broker:
    """A Mosquitto that keeps its port and, across restarts, its retained messages.

    Parameters
    ----------
    program : str
    folder : Path
    """

    def __init__(self, program: str, folder: Path) -> None:
        self.port = free_port()
        self._program = program
        self._config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._store = folder / "store"
        self._store.mkdir()
        self.configure("allow_anonymous true")

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def configure(
        self, *lines: str, address: str = "127.0.0.1", local: Path | None = None
    ) -> None:
        """Write its configuration, for the next start.

        Parameters
        ----------
        lines : str
            Who is let in, and how.
        address : str
            Where it listens.
        local : Path, optional
            A local socket to listen on as well; it is in no network.
        """
        self._local = local
        own = (
            f"listener {self.port} {address}",
            "persistence true",
            f"persistence_location {self._store}/",
            f"user {getpass.getuser()}",  # as root, it would become another
            *([f"listener 0 {local}"] if local else ()),
        )
        self._config.write_text("\n".join((*own, *lines)) + "\n")

    def start(self, *, inside: Sequence[str] = ()) -> None:
        """Start, and wait until it accepts connections.

        Parameters
        ----------
        inside : sequence of str
            What to put before the command, as ``ip netns exec`` is.
        """
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*inside, self._program, "-c", str(self._config)],
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._knock()
            except OSError:
                if time.monotonic() > until or self._process.poll() is not None:
                    pytest.fail(f"Mosquitto does not start: {self._log.read_text()}")
                time.sleep(0.05)
            else:
                return

    def _knock(self) -> None:
        if self._local is None:
            socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            return
        with socket.socket(socket.AF_UNIX) as knocking:
            knocking.connect(str(self._local))

    def stop(self) -> None:
        """Stop; to those connected it is gone."""
        if self._process is not None:
            self.thaw()
            until = time.monotonic() + _PATIENCE_S
            # Mosquitto forgets a SIGTERM that comes before its main loop has begun.
            while self._process.poll() is None and time.monotonic() < until:
                self._process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(1.0)
            assert self._process.poll() is not None, "Mosquitto does not stop"
            self._process = None

    def kill(self) -> None:
        """Kill it, as a power cut does: nothing is said, nothing is saved."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_PATIENCE_S)
        self._process = None

    def freeze(self) -> None:
        """Stop it in its tracks: connections stand, and nobody answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop and start on the same port."""
        self.stop()
        self.start()


def find_mosquitto() -> str:
    """Return the program; a skip where there is none, but not in CI."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    program = shutil.which("mosquitto", path=path)
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Mosquitto is not installed: apt-get install mosquitto")
        pytest.skip("Mosquitto is not installed")
    return program


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running broker; a skip where Mosquitto is not installed, but not in CI."""
    broker = Broker(find_mosquitto(), tmp_path)
    broker.start()
    yield broker
    broker.stop()
