"""All checks, in the order in which a person would go about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from genre_daemon.config import load_config
from genre_daemon.doctor import broker, clock, configuration, disk, microphone, model
from genre_daemon.doctor.finding import Finding, State, note, problem
from genre_daemon.errors import ConfigError, GenreListenError
from genre_daemon.redaction import redact
from genre_daemon.sources.address import public_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from genre_daemon.config import Config

_CHECKS: dict[str, Callable[[Config], Iterator[Finding]]] = {
    configuration.CHECK: configuration.check,
    model.CHECK: model.check,
    microphone.CHECK: microphone.check,
    broker.CHECK: broker.check,
    clock.CHECK: clock.check,
    disk.CHECK: disk.check,
}

MOST_PROBLEMS = 100
"""As many as an exit code tells: those from 126 on mean other things to a shell."""


def examine(
    path: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    on_check: Callable[[str], object] = str,
) -> Iterator[Finding]:
    """Check one thing after the other, and tell each finding at once.

    Parameters
    ----------
    path, overrides
        As for :func:`genre_daemon.config.load_config`.
    on_check : callable(str)
        Told what is examined next, as some checks take seconds.
    """
    try:
        config = load_config(path, overrides)
    except ConfigError as error:
        yield problem(configuration.CHECK, _without_secrets(str(error)))
        yield note("the rest", "was not examined", "mend the configuration first")
        return
    for name, check in _CHECKS.items():
        on_check(name)
        for finding in _survive(name, check, config):
            yield replace(finding, found=_without_secrets(finding.found))


def exit_code(findings: Iterable[Finding]) -> int:
    """Return the number of problems, at most ``MOST_PROBLEMS``."""
    problems = sum(1 for finding in findings if finding.state is State.PROBLEM)
    return min(problems, MOST_PROBLEMS)


def _survive(
    name: str, check: Callable[[Config], Iterator[Finding]], config: Config
) -> Iterator[Finding]:
    """Give what a check finds; its own failure is a finding, too."""
    try:
        yield from check(config)
    except GenreListenError as error:
        yield problem(name, str(error))
    except Exception as error:  # noqa: BLE001 - a doctor that falls ill helps nobody
        yield problem(name, f"could not be examined: {type(error).__name__}: {error}")


def _without_secrets(text: str) -> str:
    """Return a text in which addresses have lost passwords and tokens."""
    return redact(public_name(text))
