"""EDGE: the living display: messages and keys in, frames out."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console

from genre_daemon.display import keys
from genre_daemon.display.render import render
from genre_daemon.display.screen import HeldErrors, Screen
from genre_daemon.display.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from genre_daemon.display.feed import Feed
    from genre_daemon.display.view import Caps

_LOOK_S = 0.25
"""Longest sleep: a terminal's new size is noticed this soon."""
_FRAME_S = 0.1
"""Between two frames at least; who presses a key does not notice it."""
_REDRAW_S = 10.0
"""Seconds after which everything is drawn anew, whatever others wrote meanwhile."""


@dataclass
class Session:
    """What the user of a display has chosen."""

    wanted: str | None = None
    everyone: bool = False
    help: bool = False
    frozen: View | None = None
    """The view at which the display was paused."""
    over: bool = field(default=False, init=False)

    def view(self, feed: Feed, now_s: float, footer: str) -> View:
        """Return what to show, which is the past while paused."""
        if self.frozen is not None:
            return View(**{**vars(self.frozen), "help": self.help})
        return View(
            now_s=now_s,
            broker=feed.broker,
            nodes=tuple(feed.nodes),
            wanted=self.wanted,
            everyone=self.everyone,
            help=self.help,
            footer=footer,
        )

    def press(self, key: str, view: View) -> None:
        """Take a key; one without a meaning closes the help."""
        if key in ("q", keys.END):
            self.over = True
        elif key == " ":
            paused = View(**{**vars(view), "paused": True, "help": False})
            self.frozen = paused if self.frozen is None else None
        elif key in ("n", "a"):
            self.frozen = None
            if key == "a":
                self.everyone = not self.everyone
            elif view.nodes:
                self._next(view)
        self.help = key in ("h", "?") and not self.help

    def _next(self, view: View) -> None:
        names = [node.name for node in view.nodes]
        shown = view.node
        place = names.index(shown.name) + 1 if shown and not self.everyone else 0
        self.wanted = names[place % len(names)]
        self.everyone = False


def show_live(
    feed: Feed,
    session: Session,
    caps: Caps,
    *,
    duration_s: float | None = None,
    footer: Callable[[], str] | None = None,
) -> None:
    """Show the display on standard output until the user quits or time is up.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C, when the terminal is already in order again.
    """
    console = Console(file=sys.stdout, force_terminal=True, highlight=False)
    until = time.monotonic() + (float("inf") if duration_s is None else duration_s)
    while not session.over and time.monotonic() < until:
        with ExitStack() as stack:
            screen = stack.enter_context(Screen(console))
            held = stack.enter_context(HeldErrors())
            keyboard = stack.enter_context(keys.Keyboard(sys.stdin.fileno()))
            loop = _Loop(feed, session, caps, screen, held, keyboard, footer)
            suspended = loop.run(until)
        if suspended:
            # The whole group, as the terminal itself would: `make` stops with us.
            os.killpg(0, signal.SIGTSTP)


@dataclass
class _Loop:
    feed: Feed
    session: Session
    caps: Caps
    screen: Screen
    held: HeldErrors
    keyboard: keys.Keyboard
    footer: Callable[[], str] | None

    def run(self, until: float) -> bool:
        """Return at the end, or early and True to be suspended."""
        drawn: object = None
        redraw_at = 0.0
        while not self.session.over and time.monotonic() < until:
            news = self.feed.receive() is not None
            view = self._view()
            self._ask(view)
            size = self.screen.size
            moment = (int(view.now_s), size, self.session.help, view.footer)
            if time.monotonic() >= redraw_at:
                self.screen.forget()
                redraw_at = time.monotonic() + _REDRAW_S
                news = True
            if news or moment != drawn:
                frame = render(view, size.columns, size.lines, self.caps)
                self.screen.draw(frame, size)
                drawn = moment
                # What a house full of nodes says in the meantime is drawn together.
                time.sleep(_FRAME_S)
            self._sleep(until)
            for key in self.keyboard.read():
                if key == keys.SUSPEND:
                    return True
                if key == keys.REDRAW:
                    self.screen.forget()
                self.session.press(key, view)
                view = self._view()
                drawn = None
        return False

    def _view(self) -> View:
        footer = self.footer() if self.footer else ""
        return self.session.view(self.feed, time.time(), footer)

    def _ask(self, view: View) -> None:
        chosen = view.nodes if view.everyone else [view.node] if view.node else []
        self.feed.ask(node.name for node in chosen)

    def _sleep(self, until: float) -> None:
        """Wait for news, but no longer than to the next full second."""
        to_next_s = 1.0 - time.time() % 1.0
        left_s = until - time.monotonic()
        fds = (*self.keyboard.fds, *self.held.fds)
        self.feed.wait(min(_LOOK_S, to_next_s + 0.005, left_s), fds)
        self.held.drain()
