"""Which configuration counts, and whether its secrets are kept."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from genre_daemon.doctor.finding import Finding, note, problem, well

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from genre_daemon.config import Config

CHECK = "config"

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check(config: Config) -> Iterator[Finding]:
    """Tell the file that is used, and who else may read its secrets."""
    if config.source is None:
        yield well(CHECK, f"no file found, so defaults: node {config.node}")
    else:
        yield well(CHECK, f"{config.source}: node {config.node}")
    mqtt = config.mqtt
    if mqtt is None:
        return
    if config.password_file is not None:
        yield _secret(config.password_file)
    if mqtt.key_file is not None:
        yield _secret(mqtt.key_file)


def _secret(path: Path) -> Finding:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return problem(CHECK, f"{path} cannot be examined: {error.strerror}")
    if mode & _OTHERS:
        return note(
            CHECK,
            f"{path} is open to other users (mode {mode:04o})",
            f"chmod 600 {path}",
        )
    return well(CHECK, f"{path} is closed to other users (mode {mode:04o})")
