"""The display for whoever wants one: a terminal if there is one, lines if not."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from genre_daemon.display.capabilities import detect
from genre_daemon.display.feed import Feed
from genre_daemon.display.lines import follow
from genre_daemon.display.live import Session, show_live

if TYPE_CHECKING:
    from collections.abc import Callable

    from genre_daemon.mqtt.settings import MqttSettings


def show(  # noqa: PLR0913 - one call does it all
    settings: MqttSettings,
    *,
    base: str,
    node: str | None,
    duration_s: float | None,
    footer: Callable[[], str] | None = None,
    everyone: bool = False,
    as_json: bool = False,
    unicode: bool | None = None,
) -> int:
    """Show what nodes say until the user, the reader or the clock ends it.

    Must run on the main thread. Installs no signal handlers; whatever exception ends
    it, the terminal is in order again.

    Parameters
    ----------
    settings : MqttSettings
    base : str
        First levels of every topic.
    node : str or None
        The node to show; None for the first seen in a terminal, for all in lines.
    duration_s : float or None
        Seconds after which to stop by itself.
    footer : callable, optional
        Returns a line to show at the bottom of the terminal.
    everyone : bool
        One row a room, in a terminal.
    as_json : bool
        JSON lines, whether there is a terminal or not.
    unicode : bool or None
        Whether the terminal can show block elements; None to find out.

    Returns
    -------
    int
        Exit code: 0.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C, when the terminal is already in order again.
    """
    try:
        with Feed(settings, base) as feed:
            if as_json or not is_terminal():
                follow(feed, node=node, as_json=as_json, duration_s=duration_s)
            else:
                caps = detect(os.environ, unicode=unicode)
                session = Session(wanted=node, everyone=everyone)
                show_live(feed, session, caps, duration_s=duration_s, footer=footer)
    except BrokenPipeError:
        let_go_of_stdout()
    return 0


def is_terminal() -> bool:
    """Return whether standard output is a terminal that can place text."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def let_go_of_stdout() -> None:
    """Keep Python from complaining at exit that the reader is gone."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
