"""What all four programs do alike: logs, errors, exit codes."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from genre_daemon import __version__
from genre_daemon.errors import GenreListenError

if TYPE_CHECKING:
    from collections.abc import Callable

_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


def run_program(program: str, app: Callable[[], object]) -> NoReturn:
    """Run a Typer application and exit with a code that tells the truth.

    Parameters
    ----------
    program : str
        Name in front of an error.
    app : callable
        The application; a ``GenreListenError`` becomes a sentence on standard error.
    """
    try:
        app()
        sys.stdout.flush()
    except GenreListenError as error:
        sys.stderr.write(f"{program}: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # The reader went away, as in `| head`. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(0)


def version_option(program: str) -> Any:  # noqa: ANN401 - what Typer returns
    """Return the ``--version`` of a program, which prints it and ends."""

    def tell(wanted: bool) -> None:  # noqa: FBT001 - Typer's callback
        if wanted:
            typer.echo(f"{program} {__version__}")
            raise typer.Exit

    return typer.Option("--version", callback=tell, is_eager=True)


def log_to_stderr(*, verbose: bool = False) -> None:
    """Send logs to standard error; journald adds the time itself."""
    under_systemd = "JOURNAL_STREAM" in os.environ
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(message)s" if under_systemd else "%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )
