"""A room to try the daemon in for long: sound server, music, broker, daemon.

Everything is real and private: a PulseAudio with a null sink whose monitor is the
microphone, a Mosquitto on a free port, and the daemon in a process of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import soundfile
from tests.integration.broker import Broker
from tests.integration.pulse import Pulse
from tests.proof.watchdog import Watchdog

from genre_daemon.sources import styles
from genre_daemon.sources.synth import RATE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

NODE = "room"
ROOT = f"genre-listen/{NODE}"
"""Where the daemon publishes."""

_SBIN = ("/usr/sbin", "/usr/local/sbin")
_LEAVE_S = 10.0


def missing_programs() -> list[str]:
    """Return what has to be installed before there can be a stage."""
    needed = ("mosquitto", "pulseaudio", "pactl", "paplay")
    return [name for name in needed if _which(name) is None]


class Stage:
    """The room, as a context manager; the daemon is started by :meth:`start`.

    Parameters
    ----------
    state : Path, optional
        Folder for what the daemon keeps; by default one that goes with the room.
    watched : bool
        Whether the daemon tells a watchdog that it lives.
    """

    def __init__(self, state: Path | None = None, *, watched: bool = False) -> None:
        self._wanted_state = state
        self._watched = watched
        self.watchdog: Watchdog | None = None
        self.daemon: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="stage-"))
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.state = self._wanted_state or self.folder / "state"
            self.log = self.folder / "daemon.log"
            sound, mqtt = self.folder / "p", self.folder / "b"
            for folder in (sound, mqtt):
                folder.mkdir()
            self.folder.chmod(0o755)  # as root, Mosquitto becomes another user
            self.pulse = Pulse(sound)
            stack.callback(self.pulse.stop)
            self.broker = Broker(_which("mosquitto") or "mosquitto", mqtt)
            self.broker.start()
            stack.callback(self.broker.stop)
            if self._watched:
                dog = Watchdog(self.folder / "notify")
                self.watchdog = stack.enter_context(dog)
            stack.callback(self.stop)
            self._closing = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    @property
    def env(self) -> dict[str, str]:
        """The daemon's environment."""
        dog = self.watchdog
        return {
            **self.pulse.env,
            **({} if dog is None else {"NOTIFY_SOCKET": str(dog.path)}),
            "XDG_STATE_HOME": str(self.state),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def history(self) -> Path:
        """Where the daemon keeps its history."""
        return self.state / "genre-listen" / f"{NODE}.sqlite3"

    def start(self, *before: str) -> subprocess.Popen[bytes]:
        """Start the daemon, maybe under another program such as strace."""
        address = ("--host", "127.0.0.1", "--port", str(self.broker.port))
        command = [*before, sys.executable, "-m", "genre_daemon", "run", *address]
        with self.log.open("ab") as log:
            self.daemon = subprocess.Popen(
                [*command, "--name", NODE], env=self.env, stdout=log, stderr=log
            )
        if self.watchdog is not None:
            self.watchdog.reset()
        return self.daemon

    def kill(self) -> None:
        """End the daemon without a word."""
        assert self.daemon is not None
        self.daemon.kill()
        self.daemon.wait()

    def stop(self) -> None:
        """Have the daemon leave as systemd would, by force if need be."""
        if self.daemon is None:
            return
        self.daemon.send_signal(signal.SIGCONT)
        self.daemon.terminate()
        try:
            self.daemon.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()


class Player:
    """Plays files into the room, round and round, as a context manager."""

    def __init__(self, pulse: Pulse, files: Iterable[Path]) -> None:
        self._pulse = pulse
        self._files = list(files)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for path in self._files:
                command = ["paplay", "--device=room", str(path)]
                with subprocess.Popen(
                    command, env=self._pulse.env, stderr=subprocess.DEVNULL
                ) as player:
                    while player.poll() is None and not self._stopping.wait(0.2):
                        pass
                    player.kill()
                # A sound server that is away refuses at once: no busy loop.
                if self._stopping.wait(0.5):
                    return


def write_demo(path: Path, pieces: int = 6) -> Path:
    """Write the pieces that the daemon can synthesise as one WAV file."""
    music = np.concatenate([styles.render(place) for place in range(pieces)])
    soundfile.write(path, music, RATE)
    return path


def _which(program: str) -> str | None:
    path = os.pathsep.join((os.environ.get("PATH", ""), *_SBIN))
    return shutil.which(program, path=path)
