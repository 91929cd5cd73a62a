"""Which tests one worker of pytest-xdist runs, one after the other."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# They start programs, which fail what does not come in time, and some measure the whole
# machine: two of them at once would disturb each other.
_STARTING_PROGRAMS = (
    "tests/benchmarks/",
    "tests/home_assistant/",
    "tests/integration/",
    "tests/packaging/",
    "tests/portability/",
    "tests/proof/",
    "tests/systemd/",
)


class InTurn(LoadScopeScheduling):  # type: ignore[misc]
    """Tests that start programs are one share of the work; each other file is another.

    The former are the first that are collected, so that whoever is free does the rest.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_STARTING_PROGRAMS):
            return "programs"
        return nodeid.partition("::")[0]
