"""EDGE: reads the broker's password, from where no other user can see it.

A file named in the configuration, or else the systemd credential ``mqtt-password``
(``LoadCredential=mqtt-password:...`` in the unit). Never an argument or a variable:
other users could list those.

References
----------
systemd.exec(5), section Credentials.
"""

from __future__ import annotations

import logging
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from genre_daemon.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)

CREDENTIAL = "mqtt-password"
"""Name of the systemd credential."""

_MAX_BYTES = 65_535  # the longest password that MQTT can carry


def find_password(configured: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the file that holds the password, None where there is none.

    Parameters
    ----------
    configured : Path or None
        What the configuration names; it wins.
    environ : mapping
        systemd sets ``CREDENTIALS_DIRECTORY``.
    """
    if configured is not None:
        return configured
    folder = environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder) / CREDENTIAL if folder else None
    return credential if credential is not None and credential.is_file() else None


def read_password(path: Path) -> str:
    """Return the password in a file, without the end of its line.

    Raises
    ------
    ConfigError
        If the file cannot be read or holds none. The message never quotes it.
    """
    try:
        with path.open("rb") as file:
            mode = path.stat().st_mode
            content = file.read(_MAX_BYTES + 2)
        password = content.decode().rstrip("\r\n")
    except OSError as error:
        raise ConfigError(
            f"mqtt.password_file {path} cannot be read: {error.strerror}"
        ) from error
    except UnicodeDecodeError:
        # Its message would quote a byte of the password.
        raise ConfigError(f"mqtt.password_file {path} is not UTF-8 text") from None
    if not password or len(content) > _MAX_BYTES + 1:
        raise ConfigError(
            f"mqtt.password_file {path} must hold a password of 1 to {_MAX_BYTES} "
            f"bytes, and nothing else"
        )
    if mode & stat.S_IROTH:
        _log.warning("%s can be read by every user: chmod 600 %s", path, path)
    return password
