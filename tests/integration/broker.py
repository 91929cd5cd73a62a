"""A real Mosquitto on a free port of the loopback, to be stopped and started."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PATIENCE_S = 10.0


class Broker:
    """A Mosquitto that keeps its port and, across restarts, its retained messages."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._program = program
        self._config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None
        store = folder / "store"
        store.mkdir(mode=0o777)
        store.chmod(0o777)  # as root, Mosquitto becomes another user
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            f"persistence true\npersistence_location {store}/\n"
        )

    def start(self) -> None:
        """Start, and wait until it accepts connections."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-c", str(self._config)], stdout=log, stderr=log
            )
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            except OSError:
                if time.monotonic() > until or self._process.poll() is not None:
                    pytest.fail(f"Mosquitto does not start: {self._log.read_text()}")
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop; to those connected it is gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_PATIENCE_S)
            self._process = None

    def restart(self) -> None:
        """Stop and start on the same port."""
        self.stop()
        self.start()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running broker; a skip where Mosquitto is not installed, but not in CI."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    program = shutil.which("mosquitto", path=path)
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Mosquitto is not installed: apt-get install mosquitto")
        pytest.skip("Mosquitto is not installed")
    broker = Broker(program, tmp_path)
    broker.start()
    yield broker
    broker.stop()
