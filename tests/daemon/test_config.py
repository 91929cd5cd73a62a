"""Configuration: who overrides whom, and one clear sentence for each mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.config import default_node, load_config
from genre_daemon.errors import ConfigError
from genre_daemon.inference.bundle import SHIPPED
from genre_daemon.options import OPTIONS
from genre_daemon.sourcetables import SourceConfig

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
[node]
name = "living-room"
[audio]
device = "USB"
[mqtt]
host = "192.0.2.10"
port = 8883
username = "pi"
tls = true
base_topic = "home/music"
[classify]
threshold = 0.6
"""


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A configuration that sets most keys."""
    path = tmp_path / "config.toml"
    path.write_text(WHOLE)
    return path


def test_nothing_configured_is_a_working_configuration() -> None:
    config = load_config(environ={})
    assert config.mqtt is None
    assert config.bundle == SHIPPED
    assert config.node == default_node()
    assert config.sources == (SourceConfig(default_node(), device="default"),)


def test_file_is_read(toml: Path) -> None:
    config = load_config(toml, environ={})
    (source,) = config.sources
    assert config.node == source.node == "living-room"
    assert (source.device, source.threshold) == ("USB", 0.6)
    assert config.mqtt is not None
    assert config.mqtt.address == "192.0.2.10:8883"
    assert config.mqtt.tls is True
    assert config.base_topic == "home/music"
    assert config.source == toml


def test_variables_override_the_file_and_flags_override_both(toml: Path) -> None:
    environ = {"GENRE_LISTEN_NODE_NAME": "kitchen", "GENRE_LISTEN_MQTT_PORT": "1884"}
    config = load_config(toml, {"node.name": "attic", "mqtt.host": None}, environ)
    assert config.node == "attic"
    assert config.mqtt is not None
    assert config.mqtt.address == "192.0.2.10:1884"


def test_password_comes_from_a_file_and_is_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    flags = {
        "mqtt.host": "h",
        "mqtt.username": "pi",
        "mqtt.password_file": str(secret),
    }
    config = load_config(None, flags, {})
    assert config.mqtt is not None
    assert config.mqtt.password == "hunter2"  # noqa: S105 - the test's own
    assert "hunter2" not in repr(config)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[mqtt]\nprot = 1",
            r"unknown key 'mqtt.prot' in .*: \[mqtt\] knows host, port",
        ),
        ("[mqt]\nhost = 'h'", r"unknown key 'mqt.host' in .*: \[node\], \[audio\]"),
        ("host = 'h'", r"'host' stands outside a section in .*: put it under"),
        ("[mqtt]\nport = 0", r"mqtt.port must be a port, 1 to 65535, got 0 \(in "),
        ("[mqtt]\nport = true", r"mqtt.port must be .* got True"),
        ("[mqtt]\ntls = 'maybe'", r"mqtt.tls must be true or false, got 'maybe'"),
        ("[node]\nname = 'a/b'", r"node.name must be 1 to 64 letters"),
        ("[mqtt]\nbase_topic = 'a/#'", r"mqtt.base_topic must be topic levels"),
        ("[classify]\nthreshold = 2", r"classify.threshold must be a number, 0 to 1"),
        ("[mqtt]\nhost = 'h'\nkey_file = 'k'", r"key_file is set without mqtt.cert_fi"),
        ("[mqtt\n", r"config.toml is not valid TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=sentence):
        load_config(path, environ={})


def test_a_bad_variable_and_a_bad_flag_are_named() -> None:
    with pytest.raises(ConfigError, match="in variable GENRE_LISTEN_MQTT_PORT"):
        load_config(environ={"GENRE_LISTEN_MQTT_PORT": "x"})
    with pytest.raises(ConfigError, match="in flag --port"):
        load_config(None, {"mqtt.port": 99_999}, {})


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*absent.toml: No such file"):
        load_config(tmp_path / "absent.toml", environ={})
    flags = {
        "mqtt.host": "h",
        "mqtt.username": "pi",
        "mqtt.password_file": str(tmp_path / "none"),
    }
    with pytest.raises(ConfigError, match=r"mqtt.password_file .*none cannot be read"):
        load_config(None, flags, {})


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(st.sampled_from(sorted(OPTIONS)), _VALUES | st.lists(_VALUES))
def test_any_value_is_taken_or_refused_with_a_sentence(key: str, value: object) -> None:
    try:
        load_config(None, {key: value}, {})
    except ConfigError as error:
        assert key in str(error)  # noqa: PT017 - either outcome is right
