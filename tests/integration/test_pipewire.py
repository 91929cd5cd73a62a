"""The microphone through PipeWire, as on today's desktops and Raspberry Pi OS.

Runs where PipeWire is installed (apt install pipewire pipewire-pulse pipewire-alsa
wireplumber dbus-daemon). It is started anew and in private, with a null sink whose
monitor is the microphone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.integration.test_capture import recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROGRAMS = ("dbus-daemon", "pipewire", "wireplumber", "pipewire-pulse", "pactl")
_START_S = 30.0
_RATE = 48_000

pytestmark = [
    pytest.mark.service,
    pytest.mark.skipif(
        any(shutil.which(program) is None for program in _PROGRAMS),
        reason=f"not installed: one of {', '.join(_PROGRAMS)}",
    ),
]


@pytest.fixture
def desktop() -> Iterator[Mapping[str, str]]:
    """The environment of a session in which PipeWire runs, with a sink to play into."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="pw-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        env = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "XDG_STATE_HOME": str(folder),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'bus'}",
        }
        for name in ("DISPLAY", "PULSE_SERVER"):
            env.pop(name, None)
        bus = f"--address={env['DBUS_SESSION_BUS_ADDRESS']}"
        for command in (
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", bus],
            ["pipewire"],
            ["wireplumber"],
            ["pipewire-pulse"],
        ):
            process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
            if command[0] != "wireplumber":
                _wait_for(folder, command[0])
        _make_room(env)
        yield env


def _wait_for(folder: Path, program: str) -> None:
    sockets = {"dbus-daemon": "bus", "pipewire": "pipewire-0"}
    socket = folder / sockets.get(program, "pulse/native")
    until = time.monotonic() + _START_S
    while not socket.exists():
        assert time.monotonic() < until, f"{program} does not start"
        time.sleep(0.05)


def _make_room(env: Mapping[str, str]) -> None:
    """Load a null sink and choose it; that is refused while the session starts up."""
    pactl = ["pactl", "load-module", "module-null-sink", "sink_name=room"]
    subprocess.run(pactl, env=env, check=True, stdout=subprocess.DEVNULL)
    until = time.monotonic() + _START_S
    for kind, name in (("sink", "room"), ("source", "room.monitor")):
        choose = ["pactl", f"set-default-{kind}", name]
        while subprocess.run(
            choose, env=env, check=False, stderr=subprocess.DEVNULL
        ).returncode:
            assert time.monotonic() < until, f"{name} cannot be made the default"
            time.sleep(0.1)


@pytest.mark.parametrize("plugin", ["pulse", "pipewire"])
def test_what_is_played_is_heard(
    desktop: Mapping[str, str], tmp_path: Path, plugin: str
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 441 * np.arange(30 * _RATE) / _RATE)
    soundfile.write(tmp_path / "tone.wav", tone, _RATE)
    conf = tmp_path / "asound.conf"
    conf.write_text(f"pcm.!default {{ type {plugin} }}\n")
    env = {**desktop, "ALSA_CONFIG_PATH": str(conf)}
    play = ["paplay", "--device=room", str(tmp_path / "tone.wav")]
    with subprocess.Popen(play, env=env) as player:
        try:
            with recording(env, tmp_path, 5.0) as recorder:
                heard = recorder.finish()
        finally:
            player.kill()
    assert recorder.told["errors"] == []
    assert np.abs(heard).max() == pytest.approx(0.5, rel=0.1)
