"""A real sound server of our own: a room with a loudspeaker that a microphone hears.

PulseAudio runs on a private socket with a null sink; its monitor is the default
source. ALSA's pulse plugin is the only PCM that programs run with ``env`` can see,
so that PortAudio's ``default`` is that monitor, on any machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 48_000
"""Hertz, of the sink in the room."""

_PROGRAMS = ("pulseaudio", "pactl", "paplay")
_ASOUND = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"
# PortAudio aborts the whole process where ALSA knows not even the name of a PCM.
_NONE = "pcm.nobody { type nonexistent }\n"
_START_S = 30.0


class Pulse:
    """A private PulseAudio, started when made.

    Parameters
    ----------
    folder : Path
        Short, for a socket's path has at most 107 characters.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []
        folder.chmod(0o700)
        (folder / "asound.conf").write_text(_ASOUND)
        (folder / "none.conf").write_text(_NONE)
        self.env = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_SERVER": f"unix:{folder / 'native'}",
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        for name in (
            "DISPLAY",
            "PULSE_SINK",
            "PULSE_SOURCE",
            "DBUS_SESSION_BUS_ADDRESS",
        ):
            self.env.pop(name, None)
        self.start()

    @property
    def env_without_devices(self) -> dict[str, str]:
        """An environment in which no sound device exists."""
        return {**self.env, "ALSA_CONFIG_PATH": str(self._folder / "none.conf")}

    @property
    def pid(self) -> int:
        """The server's process, to be killed or frozen."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the server, or start it again after ``stop``."""
        socket = self._folder / "native"
        socket.unlink(missing_ok=True)
        script = self._folder / "room.pa"
        script.write_text(
            "load-module module-native-protocol-unix auth-anonymous=1 "
            f"socket={socket}\n"
            f"load-module module-null-sink sink_name=room rate={RATE} channels=2\n"
            "set-default-sink room\n"
            "set-default-source room.monitor\n"
        )
        command = ["pulseaudio", "-n", "-F", str(script), "--daemonize=no"]
        command += ["--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit"]
        command += ["--realtime=no", "--high-priority=no", "--log-target=stderr"]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, env=self.env, stderr=log)
        deadline = time.monotonic() + _START_S
        while "room.monitor" not in self.pactl("get-default-source", check=False):
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PulseAudio: {(self._folder / 'log').read_text()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Kill the server as a crash would, and whatever plays."""
        for process in (*self._players, self._process):
            if process is not None and process.poll() is None:
                process.kill()
            if process is not None:
                process.wait()
        self._players.clear()

    def pactl(self, *arguments: str, check: bool = True) -> str:
        """Ask or tell the server something; return its answer."""
        done = subprocess.run(
            ["pactl", *arguments],
            env=self.env,
            check=check,
            capture_output=True,
            text=True,
            timeout=30,
        )
        return done.stdout.strip()

    def load_module(self, *arguments: str) -> int:
        """Plug something in; return its number."""
        return int(self.pactl("load-module", *arguments))

    def unload_module(self, number: int) -> None:
        """Unplug it again."""
        self.pactl("unload-module", str(number))

    def play(self, path: Path, *, sink: str = "room") -> subprocess.Popen[bytes]:
        """Start playing a file (WAV, FLAC or Ogg) into the room."""
        player = subprocess.Popen(
            ["paplay", f"--device={sink}", str(path)], env=self.env
        )
        self._players.append(player)
        return player

    def wait_for_listeners(self, count: int, timeout_s: float = 30.0) -> None:
        """Wait until so many programs are recording."""
        deadline = time.monotonic() + timeout_s
        while len(self.pactl("list", "short", "source-outputs").splitlines()) != count:
            assert time.monotonic() < deadline, f"there are not {count} listeners"
            time.sleep(0.05)


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    """A private sound server; without PulseAudio a skip, or in CI a failure."""
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        reason = f"not installed: {', '.join(missing)} (apt install pulseaudio-utils)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="pulse-"))
    server = Pulse(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
