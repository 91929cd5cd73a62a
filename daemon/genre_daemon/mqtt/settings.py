"""Where a broker is, and how to be let in."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from genre_daemon.errors import ConfigError
from genre_daemon.mqtt.trouble import describe

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class MqttSettings:
    """Where the broker is and how to be let in."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    legacy: bool = False
    """Whether the broker is known to speak 3.1.1 only, as the embedded one."""

    @property
    def address(self) -> str:
        """Host and port, for people."""
        return f"{self.host}:{self.port}"


def tls_context(settings: MqttSettings) -> ssl.SSLContext:
    """Return what TLS needs to trust the broker, and to be trusted.

    Raises
    ------
    ConfigError
        If a certificate or key cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.cert_file is not None:
            context.load_cert_chain(settings.cert_file, settings.key_file)
    except (OSError, ssl.SSLError) as error:
        files = (settings.ca_file, settings.cert_file, settings.key_file)
        named = ", ".join(str(path) for path in files if path is not None)
        raise ConfigError(f"cannot use {named} for TLS: {describe(error)}") from error
    return context
