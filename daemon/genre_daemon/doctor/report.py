"""Findings as lines for people, and as JSON."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from genre_daemon.display import palette
from genre_daemon.doctor.finding import Finding, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genre_daemon.display.view import Caps

_MARKS = {State.WELL: "✓", State.NOTE: "!", State.PROBLEM: "✗"}
_ASCII_MARKS = {State.WELL: "+", State.NOTE: "!", State.PROBLEM: "x"}
_COLOURS = {
    State.WELL: palette.GOOD,
    State.NOTE: palette.CAUTION,
    State.PROBLEM: palette.BAD,
}
_NAME_WIDTH = 10
_NARROWEST = 20


def line(finding: Finding, caps: Caps, width: int | None = None) -> str:
    """Return a finding as one line, or wrapped where a terminal is narrow.

    Parameters
    ----------
    finding : Finding
    caps : Caps
        What the output can show.
    width : int, optional
        Columns; None, as for a pipe, never wraps.
    """
    mark = (_MARKS if caps.unicode else _ASCII_MARKS)[finding.state]
    text = ": ".join(filter(None, (finding.found, finding.remedy)))
    # Names of devices and words of brokers are not ours: no control characters.
    text = "".join(c if c.isprintable() else "?" for c in text)
    head = f"{mark} {finding.check:{_NAME_WIDTH}} "
    if width is not None:
        room = max(_NARROWEST, width - len(head))
        rows = textwrap.wrap(text, room, break_on_hyphens=False)
        text = ("\n" + " " * len(head)).join(rows)
    if caps.colour:
        code = f"\x1b[38;5;{_COLOURS[finding.state]}m"
        head = head.replace(mark, f"{code}{mark}\x1b[0m", 1)
    return head + text


def summary(findings: Sequence[Finding]) -> str:
    """Return the last line."""
    problems = sum(finding.state is State.PROBLEM for finding in findings)
    notes = sum(finding.state is State.NOTE for finding in findings)
    found = f"{problems or 'no'} problem{'s' * (problems != 1)}"
    return f"{found}, {notes} note{'s' * (notes != 1)}" if notes else found


def as_object(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return all findings as a JSON object."""
    return {
        "problems": sum(finding.state is State.PROBLEM for finding in findings),
        "findings": [
            {
                "check": finding.check,
                "state": finding.state.value,
                "found": finding.found,
                "remedy": finding.remedy,
            }
            for finding in findings
        ],
    }
