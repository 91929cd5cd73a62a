"""What a terminal can show, from its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genre_daemon.display.view import Caps

if TYPE_CHECKING:
    from collections.abc import Mapping

_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python writes into LC_CTYPE when it finds the C locale (PEP 538)."""
_FEW_GLYPHS = ("linux", "vt100", "vt220")
"""Terminals whose fonts lack most of what we would draw."""


def detect(environ: Mapping[str, str], *, unicode: bool | None = None) -> Caps:
    """Return what the terminal can show.

    Parameters
    ----------
    environ : mapping
        Variables of the process: ``NO_COLOR``, ``TERM``, ``LC_ALL``, ``LC_CTYPE``
        and ``LANG`` count.
    unicode : bool, optional
        The user's word on Unicode, which stands above the environment's.
    """
    if unicode is None:
        unicode = _speaks_utf8(environ) and environ.get("TERM") not in _FEW_GLYPHS
    # https://no-color.org: present and not empty, whatever its value.
    return Caps(unicode=unicode, colour=not environ.get("NO_COLOR"))


def _speaks_utf8(environ: Mapping[str, str]) -> bool:
    kind = environ.get("LC_CTYPE", "")
    lang = environ.get("LANG", "")
    if kind in _COERCED and lang in ("", "C", "POSIX"):
        kind = ""  # Python's own doing: the user said nothing, or C
    chosen = environ.get("LC_ALL") or kind or lang
    return chosen.lower().replace("-", "").partition("@")[0].endswith("utf8")
