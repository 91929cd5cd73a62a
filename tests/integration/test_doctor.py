"""``genre-daemon doctor`` before a real sound server and a real broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from tests.integration.broker import Broker, broker
from tests.integration.pulse import RATE, Pulse, pulse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["broker", "pulse"]
pytestmark = pytest.mark.service

PASSWORD = "correct-horse-battery"  # noqa: S105 - nobody else's


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment without anybody's configuration."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GENRE_LISTEN_")}
    return {**clean, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}


def doctor(
    env: Mapping[str, str], *flags: str, timeout_s: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Ask the doctor."""
    return subprocess.run(
        [sys.executable, "-m", "genre_daemon", "doctor", *flags],
        env=env,
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """Return the last finding of each check; the exit code must count problems."""
    told = json.loads(done.stdout)
    assert done.returncode == told["problems"], done.stdout
    return {finding["check"]: finding for finding in told["findings"]}


def at(broker: Broker) -> tuple[str, ...]:
    """Flags for a broker, and no microphone to look for."""
    return ("--host", "127.0.0.1", "--port", str(broker.port), "--device", "demo")


def demand_password(broker: Broker, folder: Path) -> None:
    """Let nobody in who does not know it; whoever does may use one topic only."""
    users, rules = folder / "users", folder / "acl"
    subprocess.run(
        ["mosquitto_passwd", "-b", "-c", users, "room", PASSWORD], check=True
    )
    rules.write_text("user room\ntopic readwrite genre-listen/room/#\n")
    broker.configure(
        "allow_anonymous false",
        f"password_file {users}",
        f"acl_file {rules}",
    )
    broker.restart()


def write_config(folder: Path, broker: Broker, password: str, node: str) -> Path:
    """Configure a node that knows a password."""
    secret, config = folder / "password", folder / "config.toml"
    secret.write_text(password)
    secret.chmod(0o600)
    config.write_text(
        f'[node]\nname = "{node}"\n[audio]\ndevice = "demo"\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n'
        f'username = "room"\npassword_file = "{secret}"\n'
    )
    return config


def test_without_any_configuration_it_looks_at_everything(
    home: dict[str, str],
) -> None:
    done = doctor(home, "--device", "demo")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""
    checks = [line.split()[1] for line in lines[:-1]]
    assert ",".join(checks) == "config,model,cpu,microphone,broker,clock,history"
    assert "embedded, as none is set: 127.0.0.1" in done.stdout
    assert lines[-1].startswith("no problems")


def test_a_terminal_without_unicode_gets_ascii(home: dict[str, str]) -> None:
    done = doctor({**home, "LC_ALL": "C"}, "--device", "demo")
    assert done.stdout.isascii()
    assert done.stdout.startswith("+ config")


def test_a_microphone_that_hears_is_well(
    home: dict[str, str], pulse: Pulse, broker: Broker, tmp_path: Path
) -> None:
    noise = np.random.default_rng(440).normal(0, 0.1, 20 * RATE)
    soundfile.write(tmp_path / "noise.wav", noise, RATE)
    pulse.play(tmp_path / "noise.wav")
    flags = ("--json", "--host", "127.0.0.1", "--port", str(broker.port))
    found = findings(doctor({**home, **pulse_only(pulse)}, *flags))
    assert "Hz, 2 channels" in found["microphone"]["found"]
    assert found["level"]["state"] == "well"
    assert found["broker"]["found"].endswith("(MQTT 5): a message came back")


def test_a_muted_microphone_is_a_problem(home: dict[str, str], pulse: Pulse) -> None:
    pulse.pactl("set-source-mute", "room.monitor", "1")
    found = findings(doctor({**home, **pulse_only(pulse)}, "--json"))
    assert found["microphone"]["state"] == "well"
    assert found["level"]["state"] == "problem"
    assert "digital silence" in found["level"]["found"]
    assert "alsamixer" in found["level"]["remedy"]


def test_no_microphone_at_all_is_a_problem(home: dict[str, str], pulse: Pulse) -> None:
    env = {**home, **pulse_only(pulse, pulse.env_without_devices)}
    found = findings(doctor(env, "--json"))
    assert found["microphone"]["state"] == "problem"
    assert "plug one in" in found["microphone"]["found"]


def test_a_stopped_broker_is_a_problem(home: dict[str, str], broker: Broker) -> None:
    broker.stop()
    found = findings(doctor(home, "--json", *at(broker)))
    assert found["broker"]["state"] == "problem"
    assert "Connection refused" in found["broker"]["found"]
    assert "is it running" in found["broker"]["remedy"]


def test_a_wrong_password_is_a_problem_and_is_not_shown(
    home: dict[str, str], broker: Broker, tmp_path: Path
) -> None:
    demand_password(broker, tmp_path)
    config = write_config(tmp_path, broker, "wrong-secret-word", "room")
    done = doctor(home, "--json", "--config", str(config))
    found = findings(done)
    assert "it refuses user 'room': Not authorized" in found["broker"]["found"]
    assert "mqtt.password_file" in found["broker"]["remedy"]
    assert "wrong-secret-word" not in done.stdout + done.stderr


def test_the_right_password_lets_us_say_and_hear(
    home: dict[str, str], broker: Broker, tmp_path: Path
) -> None:
    demand_password(broker, tmp_path)
    config = write_config(tmp_path, broker, PASSWORD, "room")
    done = doctor(home, "--config", str(config))
    assert done.returncode == 0, done.stdout
    assert "a message came back" in done.stdout
    assert "the password travels in the clear" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_a_user_that_may_not_publish_is_a_problem(
    home: dict[str, str], broker: Broker, tmp_path: Path
) -> None:
    demand_password(broker, tmp_path)
    config = write_config(tmp_path, broker, PASSWORD, "kitchen")
    found = findings(doctor(home, "--json", "--config", str(config)))
    finding = found["broker"]
    assert "did not come back" in finding["found"] or "refuse" in finding["found"]


def test_the_password_of_a_stream_is_not_shown(
    home: dict[str, str], broker: Broker
) -> None:
    url = f"http://me:{PASSWORD}@127.0.0.1:9/music?token={PASSWORD}"
    done = doctor(home, *at(broker)[:4], "--device", url)
    assert done.returncode == 1, done.stdout
    assert "127.0.0.1:9/music" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_an_unwritable_history_is_a_problem(
    home: dict[str, str], broker: Broker, tmp_path: Path
) -> None:
    (tmp_path / "genre-listen").write_text("a file where a folder should be")
    found = findings(doctor(home, "--json", *at(broker)))
    assert found["history"]["state"] == "problem"
    assert "cannot be written" in found["history"]["found"]


def test_the_days_of_a_certificate_are_told(
    home: dict[str, str], broker: Broker, tmp_path: Path
) -> None:
    key, cert = tmp_path / "broker.key", tmp_path / "broker.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
    command += "-nodes -days 10 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(
        [*command.split(), "-keyout", key, "-out", cert],
        check=True,
        capture_output=True,
    )
    lines = ("allow_anonymous true", f"certfile {cert}", f"keyfile {key}")
    broker.configure(*lines)
    broker.restart()
    secure = {
        **home,
        "GENRE_LISTEN_MQTT_TLS": "true",
        "GENRE_LISTEN_MQTT_CA_FILE": str(cert),
    }
    found = findings(doctor(secure, "--json", *at(broker)))
    assert found["broker"]["state"] == "well"
    assert found["tls"]["state"] == "note"
    assert "good for 10 more days" in found["tls"]["found"]

    strangers = {**home, "GENRE_LISTEN_MQTT_TLS": "true"}
    found = findings(doctor(strangers, "--json", *at(broker)))
    assert found["broker"]["state"] == "problem"
    assert "signed by nobody we trust" in found["broker"]["found"]
    assert "mqtt.ca_file" in found["broker"]["remedy"]


def pulse_only(pulse: Pulse, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables by which programs find a private sound server."""
    chosen = pulse.env if env is None else env
    return {k: v for k, v in chosen.items() if k.startswith(("PULSE_", "ALSA_"))}
