"""EDGE: a picture of the display, as an SVG file."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI

from genre_daemon.display.render import render
from genre_daemon.display.view import Caps, View

if TYPE_CHECKING:
    from genre_daemon.display.feed import Feed
    from genre_daemon.display.live import Session

_LOOK_S = 0.25


def listen_for(duration_s: float, feed: Feed, session: Session) -> View:
    """Listen for a while and return what the display would show then."""
    until = time.monotonic() + duration_s
    while (left_s := until - time.monotonic()) > 0:
        feed.wait(min(_LOOK_S, left_s))
        feed.receive()
        view = session.view(feed, time.time(), "")
        chosen = view.nodes if view.everyone else [view.node] if view.node else []
        feed.ask(node.name for node in chosen)
    return session.view(feed, time.time(), "")


def draw_svg(view: View, width: int, height: int) -> str:
    """Return a frame as an SVG document.

    Parameters
    ----------
    view : View
    width, height : int
        Columns and rows.
    """
    console = Console(
        record=True,
        file=io.StringIO(),
        width=width,
        height=height,
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        _environ={},
    )
    console.print(render(view, width, height, Caps()))
    return console.export_svg(title="genre-listen", theme=DIMMED_MONOKAI)
