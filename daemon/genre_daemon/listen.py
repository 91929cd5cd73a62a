"""``genre-listen``: what the nodes in the house hear, over MQTT."""

from __future__ import annotations

import logging
import signal
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path  # noqa: TC003 - Typer reads it at run time
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from genre_daemon.commandline import run_program
from genre_daemon.errors import ConfigError
from genre_daemon.history.cli import history

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from genre_daemon.mqtt.settings import MqttSettings

_ONCE_S = 10.0
_CAPTURE_S = 10.0
_CAPTURE_SIZE = (100, 30)
_INTERRUPTED = 130

_EPILOG = (
    "In a terminal: a living display, with the keys q quit, space pause, n next node, "
    "a all rooms, h help. Elsewhere: one line a change.\n\n"
    "Exit codes: 0 fine, 2 wrong flag or configuration, 130 after Ctrl-C. "
    "With --once: 0 music plays (named or unknown), 1 no music or silence, "
    "4 microphone problem, 5 no broker, 6 node offline, 7 nothing heard in time. "
    "Of several nodes, the best news counts."
)


@dataclass(frozen=True)
class _Wish:
    """The flags, once understood."""

    settings: MqttSettings
    base: str
    node: str | None
    everyone: bool
    as_json: bool
    duration_s: float | None
    unicode: bool | None
    svg: Path | None


app = typer.Typer(
    help="Shows which genre of music plays in the house, over MQTT.",
    epilog=_EPILOG,
    subcommand_metavar="[COMMAND]",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def listen(  # noqa: PLR0913 - each is a flag
    context: typer.Context,
    *,
    node: Annotated[
        str | None,
        typer.Option(
            help="The node to show. By default the first seen, or in lines all."
        ),
    ] = None,
    everyone: Annotated[
        bool, typer.Option("--all", help="All nodes, one row a room.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Print what is heard now, and exit.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a change, or with --once.")
    ] = False,
    duration: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            metavar="SECONDS",
            help="Stop after so long; with --once wait at most so long (10).",
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="The broker; by default 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Its port: 1883, or 8883 with TLS.")
    ] = None,
    username: Annotated[str | None, typer.Option(help="User name.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="A file that holds the password.")
    ] = None,
    tls: Annotated[
        bool | None, typer.Option("--tls/--no-tls", help="Connect with TLS.")
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(help="Certificates to trust, PEM.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base", "--base-topic", help="Base topic; by default genre-listen."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file, as of the daemon.")
    ] = None,
    unicode: Annotated[
        bool | None,
        typer.Option("--unicode/--ascii", help="Block elements or ASCII alone."),
    ] = None,
    svg: Annotated[
        Path | None,
        typer.Option(hidden=True, help="Listen, then write the display as SVG."),
    ] = None,
) -> None:
    """Show which genre of music plays in the house, over MQTT."""
    if context.invoked_subcommand is not None:
        return
    flags = {
        "mqtt.host": host,
        "mqtt.port": port,
        "mqtt.username": username,
        "mqtt.password_file": None if password_file is None else str(password_file),
        "mqtt.tls": tls,
        "mqtt.ca_file": None if ca_file is None else str(ca_file),
        "mqtt.base_topic": base,
    }
    settings, base_topic = _settings(config, flags)
    wish = _Wish(settings, base_topic, node, everyone, as_json, duration, unicode, svg)
    _end_on_signals()
    act = _capture if svg is not None else _answer if once else _show
    try:
        code = act(wish)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    raise typer.Exit(code)


app.command("history")(history)


def watch(  # noqa: PLR0913 - as `show`, which it calls
    settings: MqttSettings,
    *,
    base: str,
    node: str | None,
    duration_s: float | None,
    footer: Callable[[], str] | None = None,
    everyone: bool = False,
) -> int:
    """Show the display, for a program that is more than this one.

    Parameters
    ----------
    settings, base, node, duration_s, footer, everyone
        As for :func:`genre_daemon.display.watch.show`.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C, when the terminal is already in order again.
    """
    from genre_daemon.display.watch import show  # noqa: PLC0415 - slow

    return show(
        settings,
        base=base,
        node=node,
        duration_s=duration_s,
        footer=footer,
        everyone=everyone,
    )


def main() -> None:
    """Run ``genre-listen``; errors become one sentence and an exit code."""
    run_program("genre-listen", partial(app, prog_name="genre-listen"))


def _settings(config: Path | None, flags: dict[str, Any]) -> tuple[MqttSettings, str]:
    """Return the broker and base topic from files, variables and flags."""
    from genre_daemon.config import load_config  # noqa: PLC0415 - --help needs none

    found = load_config(config, flags)
    if found.mqtt is None:
        # No broker configured: the daemon then runs its own, on this machine.
        found = load_config(config, {**flags, "mqtt.host": "127.0.0.1"})
    assert found.mqtt is not None  # noqa: S101 - a host makes a broker
    return found.mqtt, found.base_topic


def _show(wish: _Wish) -> int:
    from genre_daemon.display.watch import is_terminal, show  # noqa: PLC0415 - slow

    # Beside the living display, a log line would only be in the way.
    quiet = is_terminal() and not wish.as_json
    _log_to_stderr(logging.CRITICAL if quiet else logging.INFO)
    return show(
        wish.settings,
        base=wish.base,
        node=wish.node,
        duration_s=wish.duration_s,
        everyone=wish.everyone,
        as_json=wish.as_json,
        unicode=wish.unicode,
    )


def _answer(wish: _Wish) -> int:
    from genre_daemon.display.feed import Feed  # noqa: PLC0415 - slow
    from genre_daemon.display.lines import once  # noqa: PLC0415 - slow

    _log_to_stderr(logging.ERROR)
    limit_s = _ONCE_S if wish.duration_s is None else wish.duration_s
    with Feed(wish.settings, wish.base) as feed:
        return once(feed, node=wish.node, as_json=wish.as_json, limit_s=limit_s)


def _capture(wish: _Wish) -> int:
    from genre_daemon.display.capture import draw_svg, listen_for  # noqa: PLC0415
    from genre_daemon.display.feed import Feed  # noqa: PLC0415 - slow
    from genre_daemon.display.live import Session  # noqa: PLC0415 - slow

    assert wish.svg is not None  # noqa: S101 - or this would not be called
    session = Session(wanted=wish.node, everyone=wish.everyone)
    duration_s = _CAPTURE_S if wish.duration_s is None else wish.duration_s
    with Feed(wish.settings, wish.base) as feed:
        view = listen_for(duration_s, feed, session)
    try:
        wish.svg.write_text(draw_svg(view, *_CAPTURE_SIZE), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {wish.svg}: {error.strerror}") from error
    return 0


def _log_to_stderr(level: int) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=level, format="genre-listen: %(message)s"
    )


def _end_on_signals() -> None:
    """Leave as on a normal end when told to: the terminal is put in order."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
