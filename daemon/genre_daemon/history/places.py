"""Where histories lie on this machine."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUFFIX = ".sqlite3"
_SYSTEM_PLACES = (Path("/var/lib/genre-listen"),)


def history_path(node: str, environ: Mapping[str, str] | None = None) -> Path:
    """Return where a node's history is kept by default.

    Parameters
    ----------
    node : str
        A node's name.
    environ : mapping, optional
        Variables; by default those of this process. ``STATE_DIRECTORY`` is set by
        systemd, ``XDG_STATE_HOME`` by few.
    """
    folder = _own_place(os.environ if environ is None else environ)
    return folder / (re.sub(r"[^A-Za-z0-9_-]", "-", node) + _SUFFIX)


def find_histories(environ: Mapping[str, str] | None = None) -> list[Path]:
    """Return the histories on this machine, the user's own before the system's."""
    own = _own_place(os.environ if environ is None else environ)
    found: list[Path] = []
    for folder in (own, *_SYSTEM_PLACES):
        if os.access(folder, os.R_OK):
            found += sorted(folder.glob(f"*{_SUFFIX}"))
    return found


def private_places() -> list[Path]:
    """Return where the system's histories lie that this user may not see."""
    # Of a DynamicUser, the folder is a link to where only root may look.
    return [
        folder
        for folder in _SYSTEM_PLACES
        if os.path.lexists(folder) and not os.access(folder, os.R_OK)
    ]


def _own_place(environ: Mapping[str, str]) -> Path:
    # systemd joins several with colons.
    given = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    home = environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(home).expanduser() / "genre-listen"
