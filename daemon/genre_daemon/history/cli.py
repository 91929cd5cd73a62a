"""``genre-listen history``: what was heard, as a timeline, data or a picture."""

from __future__ import annotations

import time
from pathlib import Path  # noqa: TC003 - Typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from genre_daemon.history.days import Period
    from genre_daemon.history.runs import PastSegment


def history(  # noqa: PLR0913 - one parameter a flag
    *,
    day: Annotated[
        bool, typer.Option("--day", help="Today; without any of these, 24 hours.")
    ] = False,
    week: Annotated[
        bool, typer.Option("--week", help="The last seven days, one row a day.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="2026-07-28, '2026-07-28 14:30', 14:30, yesterday, today.",
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Likewise, or now.")
    ] = None,
    node: Annotated[
        str | None, typer.Option(help="Whose history, where there are several.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="The history file; by default it is found.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Segments and shares as one JSON object.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Segments as CSV.")] = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="PNG", help="Draw a picture: a strip, or a calendar."),
    ] = None,
) -> None:
    """Show what a daemon on this machine heard: when, which genre, and how long."""
    from genre_daemon.config import load_config  # noqa: PLC0415
    from genre_daemon.history import view as historyview  # noqa: PLC0415 - --help needs none of it

    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")
    period = _period(since, until, day=day, week=week)
    path = file or load_config().history_path or _find(node)
    segments = _read(path, period, node)
    name = node or _name(segments, path)
    if plot is not None:
        from genre_daemon.history.plot import plot_history  # noqa: PLC0415

        plot_history(segments, period, plot, node=name)
    if as_json:
        typer.echo(historyview.as_json(segments, period, name))
    elif as_csv:
        typer.echo(historyview.as_csv(segments), nl=False)
    elif plot is not None:
        typer.echo(f"drawn to {plot}")
    else:
        _show(segments, period, name)


def _period(since: str | None, until: str | None, *, day: bool, week: bool) -> Period:
    from genre_daemon.history import days  # noqa: PLC0415

    ranged = since is not None or until is not None
    if day + week + ranged > 1:
        raise typer.BadParameter("give one of --day, --week, and --from with --to")
    now_s = time.time()
    today = days.local(now_s, None).date()
    if day or week:
        return days.whole_days(today, 1 if day else 7, None)
    if not ranged:
        return days.Period(now_s - days.DAY_S, now_s)
    try:
        end_s = days.parse_moment(until or "now", now_s, None)
        start_s = end_s - days.DAY_S
        if since is not None:
            start_s = days.parse_moment(since, now_s, None)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if not 0 < end_s - start_s <= days.MAX_DAYS * days.DAY_S:
        raise typer.BadParameter(
            f"--from must be before --to, and at most {days.MAX_DAYS} days"
        )
    return days.Period(start_s, end_s)


def _find(node: str | None) -> Path:
    from genre_daemon.history import places  # noqa: PLC0415
    from genre_daemon.history.file import HistoryError  # noqa: PLC0415

    found = places.find_histories()
    if node is not None:
        wanted = places.history_path(node).name
        found = [path for path in found if path.name == wanted]
    if not found:
        of_whom = f" of {node}" if node else ""
        remedy = "has genre-daemon been listening here? Name another file with --file"
        if private := places.private_places():
            remedy = f"{private[0]} is private to the service, so try with sudo"
        raise HistoryError(
            f"there is no history{of_whom} on this machine that you may see: {remedy}"
        )
    if len(found) > 1:
        named = ", ".join(path.stem for path in found)
        raise HistoryError(f"there are several histories: choose --node of {named}")
    return found[0]


def _read(path: Path, period: Period, node: str | None) -> list[PastSegment]:
    """Return what is on the disk, and the open segment where we may see it."""
    from genre_daemon.history.file import read_segments  # noqa: PLC0415
    from genre_daemon.history.pulse import Pulse  # noqa: PLC0415
    from genre_daemon.history.runs import with_current  # noqa: PLC0415

    segments = read_segments(path, period.start_s, period.end_s, node=node)
    current = Pulse(path).read()
    if current is None or not period.start_s < current.end_s <= period.end_s:
        return segments
    if any(segment.node != current.node for segment in segments):
        return segments
    return with_current(segments, current if node in (None, current.node) else None)


def _name(segments: list[PastSegment], path: Path) -> str:
    """Return whose history it is, as far as one name says it."""
    names = {segment.node for segment in segments} or {path.stem}
    return ", ".join(sorted(names))


def _show(segments: list[PastSegment], period: Period, name: str) -> None:
    import os  # noqa: PLC0415
    from dataclasses import replace  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415 - slow

    from genre_daemon.display.capabilities import detect  # noqa: PLC0415
    from genre_daemon.history.view import render  # noqa: PLC0415

    console = Console(highlight=False)
    caps = detect(os.environ)
    caps = replace(caps, colour=caps.colour and console.is_terminal)
    console.print(render(segments, period, caps, node=name, width=console.width))
