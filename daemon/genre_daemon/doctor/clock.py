"""Whether the times that are published can be believed."""

from __future__ import annotations

import ctypes
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from genre_daemon.doctor.finding import Finding, note, problem, well

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genre_daemon.config import Config

CHECK = "clock"

_TIMEX_BYTES = 512  # more than struct timex takes anywhere; all zero: read only
_TIME_ERROR = 5  # adjtimex(2): not synchronised to a server
_SLACK_S = 86_400.0


def check(_config: Config) -> Iterator[Finding]:
    """Ask the kernel, which every time service tells."""
    installed_s = Path(__file__).stat().st_mtime
    yield judge(time.time(), installed_s, synchronised=_is_synchronised())


def judge(now_s: float, installed_s: float, *, synchronised: bool | None) -> Finding:
    """Return what a clock is worth.

    Parameters
    ----------
    now_s, installed_s : float
        Seconds since 1970: what the clock says, and when this program came here.
    synchronised : bool or None
        None where the kernel does not tell.
    """
    shown = datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if now_s < installed_s - _SLACK_S:
        return problem(
            CHECK,
            f"{shown} is before this program was installed",
            "set the time, or let a time service do it: timedatectl set-ntp true",
        )
    if synchronised is None:
        return note(CHECK, f"{shown}; whether a server keeps it right is not told here")
    if not synchronised:
        return note(
            CHECK,
            f"{shown}, kept right by no time server",
            "timedatectl set-ntp true (a Raspberry Pi has no clock of its own)",
        )
    return well(CHECK, f"{shown}, synchronised")


def _is_synchronised() -> bool | None:
    """Ask adjtimex(2), as ``timedatectl`` does."""
    try:
        state = int(
            ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
        )
    except AttributeError:  # a C library without it
        return None
    return None if state < 0 else state != _TIME_ERROR
