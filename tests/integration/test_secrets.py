"""A marked password is looked for in everything that the programs let out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.home_assistant.home import wait
from tests.integration.broker import Broker, broker
from tests.integration.ear import Ear

from genre_daemon.cli import app as daemon_app
from genre_daemon.listen import app as listen_app

if TYPE_CHECKING:
    import typer

__all__ = ["broker"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

PASSWORD = "xyzzy-plugh-42"  # noqa: S105 - marked, to be found again
DAEMON, LISTEN = "genre_daemon.cli", "genre_daemon.listen"

COMMANDS: dict[tuple[str, str], tuple[str, ...]] = {
    (DAEMON, "run"): ("--duration", "5", "--verbose"),
    (DAEMON, "check-config"): (),
    (DAEMON, "doctor"): (),
    (DAEMON, "forget"): ("attic",),
    (DAEMON, "devices"): (),
    (DAEMON, "model"): (),
    (DAEMON, "file"): ("no such file",),
    (LISTEN, ""): ("--once", "--duration", "1"),
    (LISTEN, "history"): (),
}
"""Every command, with flags that make it talk and end."""
CONNECTING = ("run", "doctor", "forget", "")
"""Those that show the password to a broker."""


@pytest.fixture
def environ(broker: Broker, tmp_path: Path) -> dict[str, str]:
    """A node that knows the password of a broker, in the environment of programs."""
    users, secret = tmp_path / "users", tmp_path / "secret"
    users.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", users, "pi", PASSWORD], check=True)
    # The ear is a guest; whoever gives a name must know the password.
    broker.configure("allow_anonymous true", f"password_file {users}")
    broker.restart()
    secret.write_text(PASSWORD + "\n")
    config = tmp_path / ".config" / "genre-listen" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f'[node]\nname = "room"\n[audio]\ndevice = "demo"\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\nusername = "pi"\n'
        f'password_file = "{secret}"\npredictions = true\n'
    )
    return {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "PYTHONFAULTHANDLER": "1",
        "PYTHONDEVMODE": "1",
    }


def start(
    program: str, arguments: tuple[str, ...], environ: dict[str, str]
) -> subprocess.Popen[str]:
    """Start a program as its console script does."""
    return subprocess.Popen(
        [sys.executable, "-c", f"from {program} import main; main()", *arguments],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_no_command_is_forgotten_here() -> None:
    apps: dict[str, typer.Typer] = {DAEMON: daemon_app, LISTEN: listen_app}
    there = {
        (program, command.name or getattr(command.callback, "__name__", ""))
        for program, app in apps.items()
        for command in app.registered_commands
    }
    assert there | {(LISTEN, "")} == set(COMMANDS)


@pytest.mark.parametrize("knows", [True, False], ids=["let in", "refused"])
def test_no_command_shows_the_password(
    broker: Broker, environ: dict[str, str], tmp_path: Path, *, knows: bool
) -> None:
    if not knows:
        (tmp_path / "secret").write_text(f"not {PASSWORD}")
    with Ear(broker.port) as ear:
        running = [
            start(program, (name, *more) if name else more, environ)
            for (program, name), more in COMMANDS.items()
            if knows or name in CONNECTING
        ]
        said = "".join(process.communicate(timeout=300)[0] for process in running)
        heard = "".join(f"{topic} {payload}\n" for topic, payload, *_ in ear.heard)
    assert "room" in said
    assert ("genre-listen/room/state" in heard) is knows
    assert PASSWORD not in said
    assert PASSWORD not in heard


def test_neither_the_process_list_nor_a_crash_shows_it(
    broker: Broker, environ: dict[str, str]
) -> None:
    process = start(DAEMON, ("run", "--verbose"), environ)
    with Ear(broker.port) as ear:
        wait(lambda: any(t == "genre-listen/room/state" for t, *_ in ear.heard))
    folder = Path(f"/proc/{process.pid}")
    shown = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
    process.send_signal(signal.SIGABRT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGABRT
    assert "Current thread" in said  # the traceback of every thread
    assert PASSWORD not in said
    assert PASSWORD.encode() not in shown


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("host", f"mqtt://pi:{PASSWORD}@192.0.2.1"),
        ("host", f"pi:{PASSWORD}@192.0.2.1"),
        ("password", PASSWORD),
    ],
)
def test_a_password_in_the_wrong_place_is_not_repeated(
    environ: dict[str, str], tmp_path: Path, key: str, value: str
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[mqtt]\n{key} = "{value}"\n')
    process = start(DAEMON, ("check-config", "--config", str(config)), environ)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"mqtt.{key}" in said
    assert PASSWORD not in said
