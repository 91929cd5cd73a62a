"""What the daemon listens to: one source by default, or each ``[[source]]`` one.

What a table leaves out is taken from ``[audio]`` and ``[classify]``, so that these say
what all sources have in common.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.options import SOURCE_OPTIONS
from genre_daemon.sources.address import Kind, kind_of
from genre_daemon.sources.health import DEAF_AFTER_S
from genre_daemon.sources.pcm import PcmFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_SOURCES = 200
"""Of one daemon: what they all say at once must fit into one connection's queue."""

_KEYS = {key.partition(".")[2]: key for key in SOURCE_OPTIONS}


@dataclass(frozen=True)
class SourceConfig:
    """One thing to listen to, and the node that says what is heard there."""

    node: str
    """Name of the node; the last level of its base topic."""
    device: str = "default"
    pcm: PcmFormat = field(default_factory=PcmFormat)
    """What bytes on standard input mean."""
    deaf_after_s: float = DEAF_AFTER_S
    """Seconds of exact zeros that are a fault of the source; 0: they never are."""
    threshold: float | None = None
    """Confidence under which to say ``unknown``; None: what the bundle says."""


def read_tables(tables: object, origin: str) -> list[dict[str, Any]]:
    """Return the ``[[source]]`` tables of a file, checked, as ``section.key``.

    Raises
    ------
    ConfigError
        For the first key that is unknown, missing, or holds what it may not.
    """
    if not (isinstance(tables, list) and all(isinstance(t, dict) for t in tables)):
        raise ConfigError(f"[source] in {origin} must be written [[source]], each one")
    if len(tables) > MOST_SOURCES:
        raise ConfigError(
            f"there are {len(tables)} [[source]] in {origin}: one daemon takes at most "
            f"{MOST_SOURCES}, so run several"
        )
    return [
        _read_table(table, f"source {i + 1}", origin) for i, table in enumerate(tables)
    ]


def _read_table(table: Mapping[str, Any], which: str, origin: str) -> dict[str, Any]:
    checked = {}
    for name, value in table.items():
        if name not in _KEYS:
            raise ConfigError(
                f"unknown key {name!r} of {which} in {origin}: "
                f"[[source]] knows {', '.join(_KEYS)}"
            )
        key = _KEYS[name]
        checked[key] = SOURCE_OPTIONS[key].check(f"{name} of {which}", value, origin)
    for name in ("name", "device"):
        if name not in table:
            raise ConfigError(
                f"{which} in {origin} has no {name}: every [[source]] needs one"
            )
    return checked


def build_sources(
    values: Mapping[str, Any], tables: Sequence[Mapping[str, Any]], node: str
) -> tuple[SourceConfig, ...]:
    """Return what to listen to.

    Parameters
    ----------
    values : mapping
        Checked keys of the sections.
    tables : sequence of mapping
        Of :func:`read_tables`; empty for one source alone.
    node : str
        Name of the one source's node.

    Raises
    ------
    ConfigError
        If two sources have one name, or both read standard input, or it is said twice
        what to listen to.
    """
    if not tables:
        return (_build_source(values, node),)
    if "audio.device" in values:
        raise ConfigError(
            "audio.device (or the flag --source) and [[source]] both say what to "
            "listen to: leave one of them out"
        )
    sources = [
        _build_source({**values, **table}, table["node.name"]) for table in tables
    ]
    names = [source.node for source in sources]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigError(
            f"two sources are called {min(twice)!r}: give each [[source]] its own name"
        )
    piped = [s.node for s in sources if kind_of(s.device) is Kind.STDIN]
    if len(piped) > 1:
        raise ConfigError(
            f"{' and '.join(piped)} cannot all read standard input: "
            "only one [[source]] may have the device '-'"
        )
    return tuple(sources)


def _build_source(values: Mapping[str, Any], node: str) -> SourceConfig:
    return SourceConfig(
        node=node,
        device=values.get("audio.device", "default"),
        pcm=PcmFormat(
            rate=values.get("audio.rate", PcmFormat.rate),
            channels=values.get("audio.channels", PcmFormat.channels),
            encoding=values.get("audio.format", PcmFormat.encoding),
        ),
        deaf_after_s=values.get("audio.deaf_after_s", DEAF_AFTER_S),
        threshold=values.get("classify.threshold"),
    )
