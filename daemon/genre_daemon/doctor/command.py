"""The command: examine, and print as it goes."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console

from genre_daemon.display.capabilities import detect
from genre_daemon.display.view import Caps
from genre_daemon.doctor.examination import examine, exit_code
from genre_daemon.doctor.report import as_object, line, summary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def run_doctor(
    path: Path | None, overrides: Mapping[str, Any], *, as_json: bool
) -> int:
    """Print what is well and what is not; return the number of problems.

    Parameters
    ----------
    path, overrides
        As for :func:`genre_daemon.config.load_config`.
    as_json : bool
        Print one JSON object at the end instead of lines.
    """
    terminal = sys.stdout.isatty()
    caps = detect(os.environ)
    caps = Caps(unicode=caps.unicode, colour=caps.colour and terminal)
    width = shutil.get_terminal_size().columns if terminal else None
    # What goes wrong is told as a finding; a log line beside it would only confuse.
    logging.basicConfig(level=logging.CRITICAL)
    waiting = Console(stderr=True).status("", spinner="line")

    def begin(name: str) -> None:
        # Some take seconds. Only a terminal is told.
        waiting.update(f"examining the {name} ...")
        waiting.start()

    findings = []
    try:
        for finding in examine(path, overrides, begin):
            waiting.stop()
            findings.append(finding)
            if not as_json:
                sys.stdout.write(line(finding, caps, width) + "\n")
                sys.stdout.flush()
    finally:
        waiting.stop()  # or Ctrl-C would leave a terminal without a cursor
    if as_json:
        sys.stdout.write(json.dumps(as_object(findings), indent=2) + "\n")
    else:
        sys.stdout.write(summary(findings) + "\n")
    return exit_code(findings)
