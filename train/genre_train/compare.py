"""Runs side by side: honest and leaky figures of a system next to each other."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.durable import replacing
from genre_train.runs import RunFolder
from genre_train.systems.record import read_metrics
from genre_train.systems.registry import SYSTEMS
from genre_train.systems.sides import HONEST, LEAKY
from genre_train.tables import columns, markdown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TABLE_BEGIN = "<!-- table by genre-train reproduce -->"
TABLE_END = "<!-- end of table -->"

_NOTHING = "-"
_HEAD = (
    "system",
    "examples",
    "split",
    "honest accuracy",
    "LEAKY accuracy",
    "macro F1",
    "parameters",
    "training",
    "published",
    "why it differs",
)


@dataclass(frozen=True)
class Entry:
    """One run."""

    system: str
    examples: str
    """What one example is, and of which data."""
    protocol: str
    split: str
    accuracy: dict[str, Any]
    """Of one example: value, n, low and high."""
    macro_f1: dict[str, Any] | None
    parameters: int | None
    training: str
    """Time that it took, and of which clock."""


@dataclass
class Row:
    """A system on one kind of example, under one protocol or both."""

    system: str
    examples: str
    runs: dict[str, Entry] = field(default_factory=dict)

    def cells(self) -> tuple[str, ...]:
        """Return the row as text, in the order of the head."""
        entry = self.runs.get(HONEST) or self.runs[LEAKY]
        honest, leaky = self.runs.get(HONEST), self.runs.get(LEAKY)
        system = SYSTEMS.get(self.system)
        return (
            self.system,
            self.examples,
            honest.split if honest else "random",
            _figure(honest.accuracy) if honest else _NOTHING,
            f"{_figure(leaky.accuracy)} LEAKY" if leaky else _NOTHING,
            _figure(entry.macro_f1, with_n=False),
            f"{entry.parameters:,}".replace(",", " ") if entry.parameters else _NOTHING,
            entry.training,
            system.published if system else _NOTHING,
            system.differs if system else _NOTHING,
        )


def read_entry(folder: Path) -> Entry:
    """Read what a finished run says of itself.

    Raises
    ------
    ConfigError
        If the folder is no run, or it has no figures.
    """
    run = RunFolder(folder)
    config, metrics = run.config(), read_metrics(folder)
    system = config.get("system") or config["settings"]["model"]
    part = metrics.get("patch") or metrics["window"]
    return Entry(
        system,
        _examples(config),
        _protocol(config),
        _split(config),
        part["accuracy"],
        part.get("macro_f1"),
        metrics.get("parameters") or _parameters(run),
        _training(folder, metrics),
    )


def compare(folders: Sequence[Path]) -> list[Row]:
    """Put the runs of one system on the same kind of example into one row.

    Raises
    ------
    ConfigError
        If one of the folders is no run with figures.
    """
    rows: dict[tuple[str, str], Row] = {}
    for entry in map(read_entry, folders):
        key = (entry.system, entry.examples)
        row = rows.setdefault(key, Row(*key))
        row.runs[entry.protocol] = entry
    return list(rows.values())


def as_text(rows: Sequence[Row]) -> str:
    """Lay the rows out for a terminal."""
    return columns([_HEAD, *(row.cells() for row in rows)])


def as_markdown(rows: Sequence[Row]) -> str:
    """Lay the rows out as a table for a document."""
    return markdown([_HEAD, *(row.cells() for row in rows)])


def renew_table(document: Path, table: str) -> None:
    """Put a table between the two marks of a document.

    Raises
    ------
    ConfigError
        If the document cannot be read, or lacks the marks.
    """
    try:
        text = document.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read {document}: {error.strerror}") from error
    before, begin, rest = text.partition(TABLE_BEGIN)
    _, end, after = rest.partition(TABLE_END)
    if not (begin and end):
        raise ConfigError(
            f"{document} lacks the lines {TABLE_BEGIN!r} and {TABLE_END!r} to put the "
            "table between"
        )
    renewed = f"{before}{begin}\n{table}\n{end}{after}"
    with replacing(document) as file:
        file.write(renewed.encode())


def _protocol(config: dict[str, Any]) -> str:
    leaky = config.get("protocol") == LEAKY or config["data"].get("leaky", False)
    return LEAKY if leaky else HONEST


def _parameters(run: RunFolder) -> int | None:
    """Count them in the network itself, where the figures do not say."""
    if not (run.path / "model.keras").is_file():
        return None
    return int(run.load_model().count_params())


def _training(folder: Path, metrics: dict[str, Any]) -> str:
    if "training_cpu_seconds" in metrics:
        return f"{metrics['training_cpu_seconds']:.0f} s CPU"
    try:
        with (folder / "history.csv").open(newline="") as file:
            seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    except (OSError, KeyError, ValueError):
        return _NOTHING
    return f"{seconds[-1]:.0f} s by the clock" if seconds else _NOTHING


def _split(config: dict[str, Any]) -> str:
    counts = config["data"]["counts"]
    return f"{counts['train']['tracks']} / {counts['valid']['tracks']} tracks"


def _examples(config: dict[str, Any]) -> str:
    name, frames = config["data"]["name"], config["data"]["window_frames"]
    if not frames:
        return str(name)
    spec = FeatureSpec()
    return f"{frames * spec.hop_length / spec.sample_rate:.1f} s of {name}"


def _figure(figure: dict[str, Any] | None, *, with_n: bool = True) -> str:
    if figure is None:
        return _NOTHING
    n = f", n={figure['n']}" if with_n else ""
    return f"{figure['value']:.2f} ({figure['low']:.2f}-{figure['high']:.2f}{n})"
