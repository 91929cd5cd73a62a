"""What the daemon brings along: the packages it needs, and their size on disk.

``python -m tests.packaging.footprint`` prints the table for the environment it runs in.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROJECT = "genre-listen"


def needed(environment: Mapping[str, str] | None = None) -> dict[str, Requirement]:
    """Return what an install without extras needs, from the packages' own metadata.

    Parameters
    ----------
    environment : mapping, optional
        Markers to answer differently than for this interpreter and machine, as
        ``python_version``.

    Returns
    -------
    dict
        One of the requirements that name a package, by its normalised name. What a
        package needs that is not installed here is not followed.
    """
    here = {name: str(value) for name, value in default_environment().items()}
    markers = {**here, **(environment or {})}
    found: dict[str, Requirement] = {}
    waiting = [(PROJECT, "")]
    while waiting:
        name, extra = waiting.pop()
        for requirement in _requirements(name):
            wanted = requirement.marker
            if wanted and not wanted.evaluate({**markers, "extra": extra}):
                continue
            key = canonicalize_name(requirement.name)
            fresh = key not in found
            found.setdefault(key, requirement)
            waiting += [(key, one) for one in requirement.extras]
            waiting += [(key, "")] if fresh else []
    return found


def _requirements(name: str) -> Iterator[Requirement]:
    try:
        lines = distribution(name).requires or []
    except PackageNotFoundError:
        return
    yield from map(Requirement, lines)


def megabytes(name: str) -> float:
    """Return the size of a package's own files; compiled bytecode is not counted."""
    files = distribution(name).files or []
    own = (Path(str(file.locate())) for file in files if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in own) / 1e6


def main() -> None:
    """Print packages with their sizes, the largest first."""
    sizes = {name: megabytes(name) for name in needed()}
    lines = [
        f"{size:8.1f} MB  {name}"
        for name, size in sorted(sizes.items(), key=lambda item: -item[1])
    ]
    total = f"{sum(sizes.values()):8.1f} MB  in {len(sizes)} packages"
    sys.stdout.write("\n".join([*lines, f"{total} beside {PROJECT}\n"]))


if __name__ == "__main__":
    main()
