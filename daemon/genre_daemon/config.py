"""Configuration: a TOML file, overridden by variables, overridden by flags.

Which keys there are, and what each accepts, is said in ``options``; what a daemon of
several sources is told of each, in ``sourcetables``.
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
from genre_daemon.sourcetables import SourceConfig, build_sources, read_tables

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
    """Name of this daemon; if it has one source, also that of its node."""
    sources: tuple[SourceConfig, ...]
    """What it listens to: at least one."""
    mqtt: MqttSettings | None = None
    """None: use the embedded broker."""
    base_topic: str = "genre-listen"
    predictions: bool = False
    """Whether every prediction is published."""
    discovery: Style = Style.DEVICE
    """How the node announces itself to Home Assistant."""
    discovery_prefix: str = "homeassistant"
    bundle: Path = SHIPPED
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
    tables: list[dict[str, Any]] = []
    if path is not None:
        flat, tables = _read_file(path)
        for key, value in flat.items():
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
    return _build(values, tables, path)


def default_node() -> str:
    """Return the host name as a node name."""
    host = re.sub(r"[^A-Za-z0-9_-]+", "-", socket.gethostname().split(".")[0])
    return host.strip("-")[:64] or "genre-listen"


def _read_file(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the keys of a TOML file as ``section.key``, and its sources."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(f"{path} is too large for a configuration")
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    sources = read_tables(tables.pop("source", []), str(path))
    flat: dict[str, Any] = {}
    for section, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(
                f"{section!r} stands outside a section in {path}: put it under "
                f"one of {_sections()}"
            )
        flat |= {f"{section}.{key}": value for key, value in table.items()}
    return flat, sources


def _sections() -> str:
    names = dict.fromkeys(f"[{key.partition('.')[0]}]" for key in OPTIONS)
    return ", ".join((*names, "[[source]]"))


def _check(key: str, value: object, origin: str) -> Any:  # noqa: ANN401 - by key
    option = OPTIONS.get(key)
    if option is None:
        section = key.partition(".")[0]
        near = [k.partition(".")[2] for k in OPTIONS if k.startswith(f"{section}.")]
        known = f"[{section}] knows {', '.join(near)}" if near else _sections()
        raise ConfigError(f"unknown key {key!r} in {origin}: {known}")
    return option.check(key, value, origin)


def _build(
    values: dict[str, Any], tables: list[dict[str, Any]], path: Path | None
) -> Config:
    node = values.get("node.name") or default_node()
    sources = build_sources(values, tables, node)
    if len(sources) > 1 and values.get("history.path"):
        raise ConfigError(
            f"history.path is one file, and there are {len(sources)} sources: leave it "
            "out, and each keeps its own in the state directory"
        )
    return Config(
        node=node,
        sources=sources,
        mqtt=_build_mqtt(values),
        base_topic=values.get("mqtt.base_topic", "genre-listen"),
        predictions=values.get("mqtt.predictions", False),
        discovery=values.get("mqtt.discovery", Style.DEVICE),
        discovery_prefix=values.get("mqtt.discovery_prefix", "homeassistant"),
        bundle=values.get("classify.bundle", SHIPPED),
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
