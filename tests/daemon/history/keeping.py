"""What tests of the history's file have in common."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from genre_daemon.history import recorder as module
from genre_daemon.history.recorder import HistoryError, PastSegment, read_segments

if TYPE_CHECKING:
    from collections.abc import Callable

NOW_S = 1_785_000_000.0
ALWAYS = (0.0, 1e11)
DAEMON = Path(module.__file__).parents[2]


def read(path: Path) -> list[PastSegment]:
    return read_segments(path, *ALWAYS)


def eventually(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    """Wait until something holds."""
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, "it never came to hold"
        time.sleep(0.01)


def is_there(path: Path, at_least: int = 1) -> bool:
    try:
        return len(read(path)) >= at_least
    except HistoryError:  # not made yet, or just being made
        return False
