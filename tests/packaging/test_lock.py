"""The lock file: every Python, every machine, every package of the daemon pinned.

``make resolve`` asks the package index the rest: that each has a wheel there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.packaging.footprint import megabytes, needed

LOCK = Path(__file__).parents[2] / "requirements.lock"
HEAVY = {"tensorflow", "keras", "librosa", "numba", "scipy", "matplotlib", "pydantic"}


def pins(environment: dict[str, str]) -> list[Requirement]:
    """Return the lines of the lock that hold for a Python and a machine."""
    lines = [Requirement(line) for line in LOCK.read_text().splitlines() if line]
    return [one for one in lines if not one.marker or one.marker.evaluate(environment)]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_all_that_the_daemon_needs_is_pinned_once(python: str, machine: str) -> None:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": machine,
    }
    chosen = pins(environment)
    names: list[str] = [canonicalize_name(pin.name) for pin in chosen]
    assert len(names) == len(set(names))
    versions = {
        name: str(pin.specifier).removeprefix("==")
        for name, pin in zip(names, chosen, strict=True)
    }
    wanted = needed(environment)
    assert len(wanted) > 15
    for name, requirement in wanted.items():
        assert requirement.specifier.contains(versions[name]), name


def test_nothing_heavy_comes_with_the_daemon() -> None:
    """Few packages and a bounded size; most of it is LiteRT and numpy."""
    names = needed()
    size = sum(map(megabytes, names))
    sys.stdout.write(f"{len(names)} packages, {size:.0f} MB\n")
    assert HEAVY & set(names) == set()
    assert len(names) <= 32
    assert size < 160
