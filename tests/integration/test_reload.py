"""SIGHUP: another configuration without a restart, or a sentence why not."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from tests.integration.broker import Broker, broker
from tests.integration.daemons import daemon
from tests.integration.subscriber import Subscriber, subscriber

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["broker"]

pytestmark = [pytest.mark.service, pytest.mark.slow]


class Node:
    """A daemon with a configuration that is written anew."""

    def __init__(
        self, path: Path, port: int, process: subprocess.Popen[str], home: Subscriber
    ) -> None:
        self._path = path
        self._port = port
        self.process = process
        self.home = home

    def configure(self, text: str) -> None:
        """Write another configuration and have it read."""
        write(self._path, self._port, text)
        self.process.send_signal(signal.SIGHUP)

    def log(self) -> str:
        """End the daemon; return its log."""
        self.process.terminate()
        _, err = self.process.communicate(timeout=30)
        assert self.process.returncode == 0
        return err


def write(path: Path, port: int, text: str) -> None:
    """Write a configuration for a broker."""
    path.write_text(f"[mqtt]\nhost = '127.0.0.1'\nport = {port}\n{text}\n")


RAIN = ("sh", "-c", 'exec "$@" </dev/urandom', "sh")
"""What a daemon is run inside of to hear noise on standard input."""
ROOM = "[node]\nname = 'room'\n[audio]\ndevice = '-'\n"


@pytest.fixture
def node(broker: Broker, tmp_path: Path) -> Iterator[Node]:
    """A node that hears something."""
    path = tmp_path / "config.toml"
    write(path, broker.port, ROOM)
    with (
        subscriber(broker.port) as home,
        daemon("--config", str(path), inside=RAIN) as process,
    ):
        home.on("room/microphone")
        yield Node(path, broker.port, process, home)


def test_a_threshold_takes_effect_and_nothing_else_is_disturbed(node: Node) -> None:
    node.configure(ROOM + "[classify]\nthreshold = 0.875\n")
    assert node.home.wait(
        lambda message: message[0].endswith("threshold") and message[1] == "0.875"
    )
    assert node.home.on("room/genre")
    assert ("genre-listen/room/availability", "offline", False) not in node.home.seen
    log = node.log()
    assert log.count("listening to standard input") == 1
    assert log.count("the configuration was read anew") == 1


def test_another_name_goes_offline_and_online(node: Node) -> None:
    node.configure(ROOM.replace("room", "attic"))
    assert node.home.on("room/availability") == "offline"
    assert node.home.on("attic/availability") == "online"
    assert node.home.on("attic/microphone") == "ok"
    assert node.home.on("attic/genre")


def test_another_source_is_opened(node: Node) -> None:
    node.configure(ROOM.replace("-", "http://127.0.0.1:9/radio"))
    assert (
        "127.0.0.1:9/radio ended"
        in node.home.wait(lambda message: message[1].startswith("problem"))[1]
    )
    node.configure(ROOM)
    assert node.home.on("room/microphone") == "ok"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (ROOM + "[classify]\nthreshold = 2\n", "classify.threshold must be"),
        (ROOM + "[classify]\nbundle = '/none.tflite'\n", "cannot read the bundle"),
        (ROOM.replace("-", "/none.flac"), "there is no file /none.flac"),
        ("[mqtt\n", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_refused_and_the_old_one_kept(
    node: Node, text: str, sentence: str
) -> None:
    node.configure(text)
    assert node.process.stderr is not None
    line = next(line for line in node.process.stderr if "is kept" in line)
    assert sentence in line
    assert node.home.on("room/genre")
    assert ("genre-listen/room/availability", "offline", False) not in node.home.seen
