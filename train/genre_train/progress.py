"""How far along a long job is: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LINE_EVERY_S = 10.0


@contextmanager
def progress(title: str, total: int, done: int = 0) -> Iterator[Callable[[str], None]]:
    """Show a job of ``total`` steps on standard error.

    Parameters
    ----------
    done : int
        Steps that an earlier process has done already.

    Yields
    ------
    callable
        To be called once after each step, with a note such as the loss.
    """
    if sys.stderr.isatty():
        with _bar(title, total, done) as step:
            yield step
    else:
        yield _lines(title, total, done)


@contextmanager
def _bar(title: str, total: int, done: int) -> Iterator[Callable[[str], None]]:
    from rich import progress as rich_progress  # noqa: PLC0415 - slow, and only here
    from rich.console import Console  # noqa: PLC0415

    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeRemainingColumn(),
        rich_progress.TextColumn("{task.fields[note]}"),
    )
    with rich_progress.Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(title, total=total, completed=done, note="")
        yield lambda note: bars.update(task, advance=1, note=note)


def _lines(title: str, total: int, done: int) -> Callable[[str], None]:
    first, last = done + 1, time.monotonic()

    def step(note: str) -> None:
        nonlocal done, last
        done += 1
        now = time.monotonic()
        if done in (first, total) or now - last >= _LINE_EVERY_S:
            last = now
            sys.stderr.write(f"{title} {done}/{total} {note}".rstrip() + "\n")

    return step
