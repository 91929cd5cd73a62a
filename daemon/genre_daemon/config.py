"""Configuration: a TOML file, overridden by variables, overridden by flags.

Which keys there are, and what each accepts, is said in ``options``.
"""

from __future__ import annotations

import os
import re
import socket
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.homeassistant.discovery import Style
from genre_daemon.inference.bundle import SHIPPED
from genre_daemon.mqtt.password import find_password, read_password
from genre_daemon.mqtt.settings import MqttSettings
from genre_daemon.options import OPTIONS
from genre_daemon.redaction import redact
from genre_daemon.sources.health import DEAF_AFTER_S
from genre_daemon.sources.pcm import PcmFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES = (
    Path("~/.config/genre-listen/config.toml"),
    Path("/etc/genre-listen/config.toml"),
)
"""Where a configuration is looked for, first found first."""

_PREFIX = "GENRE_LISTEN_"
_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Config:
    """What the daemon is told."""

    node: str
    """Name of this listener; the last level of its base topic."""
    device: str = "default"
    pcm: PcmFormat = field(default_factory=PcmFormat)
    """What bytes on standard input mean."""
    deaf_after_s: float = DEAF_AFTER_S
    """Seconds of exact zeros that are a fault of the source; 0: they never are."""
    mqtt: MqttSettings | None = None
    """None: use the embedded broker."""
    base_topic: str = "genre-listen"
    predictions: bool = False
    """Whether every prediction is published."""
    discovery: Style = Style.DEVICE
    """How the node announces itself to Home Assistant."""
    discovery_prefix: str = "homeassistant"
    bundle: Path = SHIPPED
    threshold: float | None = None
    """None: what the bundle says."""
    history: bool = True
    """Whether segments are kept in a file on this machine."""
    history_days: int = 400
    history_path: Path | None = None
    """None: one file a node in the state directory."""
    password_file: Path | None = None
    """Where the broker's password was read from, if it has one."""
    source: Path | None = field(default=None, compare=False)
    """The file it was read from, if any."""


def load_config(
    path: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Read, merge and check the configuration.

    Parameters
    ----------
    path : Path, optional
        A file that must exist; by default the first of ``PLACES`` that does.
    overrides : mapping, optional
        Flags as ``section.key``; those that are None were not given.
    environ : mapping, optional
        Variables; by default those of this process.

    Raises
    ------
    ConfigError
        For the first key that is unknown or holds what it may not.
    """
    environ = os.environ if environ is None else environ
    if path is None:
        path = next((p for p in map(Path.expanduser, PLACES) if p.is_file()), None)
    values: dict[str, Any] = {}
    if path is not None:
        for key, value in _read_file(path).items():
            values[key] = _check(key, value, str(path))
    for key in OPTIONS:
        variable = _PREFIX + key.upper().replace(".", "_")
        if variable in environ:
            values[key] = _check(key, environ[variable], f"variable {variable}")
    for key, value in (overrides or {}).items():
        if value is not None:
            flag = "flag --" + key.rpartition(".")[2].replace("_", "-")
            values[key] = _check(key, value, flag)
    if values.get("mqtt.username"):
        # A file that the configuration names, or a credential of the service.
        found = find_password(values.get("mqtt.password_file"), environ)
        values["mqtt.password_file"] = found
    return _build(values, path)


def default_node() -> str:
    """Return the host name as a node name."""
    host = re.sub(r"[^A-Za-z0-9_-]+", "-", socket.gethostname().split(".")[0])
    return host.strip("-")[:64] or "genre-listen"


def _read_file(path: Path) -> dict[str, Any]:
    """Return the keys of a TOML file as ``section.key``."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(f"{path} is too large for a configuration")
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    flat: dict[str, Any] = {}
    for section, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(
                f"{section!r} stands outside a section in {path}: put it under "
                f"one of {_sections()}"
            )
        flat |= {f"{section}.{key}": value for key, value in table.items()}
    return flat


def _sections() -> str:
    return ", ".join(dict.fromkeys(f"[{key.partition('.')[0]}]" for key in OPTIONS))


def _check(key: str, value: object, origin: str) -> Any:  # noqa: ANN401 - by key
    option = OPTIONS.get(key)
    if option is None:
        section = key.partition(".")[0]
        near = [k.partition(".")[2] for k in OPTIONS if k.startswith(f"{section}.")]
        known = f"[{section}] knows {', '.join(near)}" if near else _sections()
        raise ConfigError(f"unknown key {key!r} in {origin}: {known}")
    try:
        return option.parse(value)
    except (ValueError, KeyError) as error:
        raise ConfigError(
            f"{key} must be {option.accepts}, got {redact(repr(value)):.80} "
            f"(in {origin})"
        ) from error


def _build(values: dict[str, Any], path: Path | None) -> Config:
    return Config(
        node=values.get("node.name") or default_node(),
        device=values.get("audio.device", "default"),
        pcm=PcmFormat(
            rate=values.get("audio.rate", PcmFormat.rate),
            channels=values.get("audio.channels", PcmFormat.channels),
            encoding=values.get("audio.format", PcmFormat.encoding),
        ),
        deaf_after_s=values.get("audio.deaf_after_s", DEAF_AFTER_S),
        mqtt=_build_mqtt(values),
        base_topic=values.get("mqtt.base_topic", "genre-listen"),
        predictions=values.get("mqtt.predictions", False),
        discovery=values.get("mqtt.discovery", Style.DEVICE),
        discovery_prefix=values.get("mqtt.discovery_prefix", "homeassistant"),
        bundle=values.get("classify.bundle", SHIPPED),
        threshold=values.get("classify.threshold"),
        history=values.get("history.enabled", True),
        history_days=values.get("history.days", 400),
        history_path=values.get("history.path"),
        password_file=values.get("mqtt.password_file"),
        source=path,
    )


def _build_mqtt(values: dict[str, Any]) -> MqttSettings | None:
    host = values.get("mqtt.host")
    if host is None:
        return None
    tls = values.get("mqtt.tls", False)
    if values.get("mqtt.key_file") and not values.get("mqtt.cert_file"):
        raise ConfigError("mqtt.key_file is set without mqtt.cert_file: set both")
    password_file = values.get("mqtt.password_file")
    if password_file and not values.get("mqtt.username"):
        raise ConfigError("mqtt.password_file is set without mqtt.username: set both")
    return MqttSettings(
        host=host,
        port=values.get("mqtt.port", 8883 if tls else 1883),
        username=values.get("mqtt.username"),
        password=read_password(password_file) if password_file else None,
        tls=tls,
        ca_file=values.get("mqtt.ca_file"),
        cert_file=values.get("mqtt.cert_file"),
        key_file=values.get("mqtt.key_file"),
    )
