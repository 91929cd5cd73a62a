"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How bad it is."""

    WELL = "well"
    NOTE = "note"
    """Works, but not as well as it could, or could not be examined."""
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    check: str
    """What was examined, in a word: ``broker``."""
    state: State
    found: str
    """What was found."""
    remedy: str = ""
    """What to do about it; may be part of what was found."""


def well(check: str, found: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(check, State.WELL, found)


def note(check: str, found: str, remedy: str = "") -> Finding:
    """Return a finding that is worth knowing, but does not keep it from working."""
    return Finding(check, State.NOTE, found, remedy)


def problem(check: str, found: str, remedy: str = "") -> Finding:
    """Return a finding that has to be mended."""
    return Finding(check, State.PROBLEM, found, remedy)
