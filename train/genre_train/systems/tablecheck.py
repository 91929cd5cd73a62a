"""Whether the summary features computed here are those of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_train.progress import progress
from genre_train.samples import recordings_of
from genre_train.summary import FEATURES, read_samples, summarise
from genre_train.systems.table import read_table

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class TableAgreement:
    """Features of the recordings that a folder and a table have in common."""

    tracks: tuple[str, ...]
    computed: NDArray[np.float64]
    """Shape (n, 57)."""
    stored: NDArray[np.float64]
    """Shape (n, 57)."""
    spread: NDArray[np.float64]
    """Shape (57,): deviation of each feature over the whole table."""

    @property
    def relative(self) -> NDArray[np.float64]:
        """Relative errors, shape (n, 57)."""
        return np.abs(self.computed - self.stored) / np.abs(self.stored)

    @property
    def standard(self) -> NDArray[np.float64]:
        """Errors in deviations of the table, shape (n, 57): what a network sees."""
        return np.abs(self.computed - self.stored) / self.spread


def compare_with_table(table: Path, clips: Path) -> TableAgreement:
    """Compute the features of every recording that the table has a row of.

    Parameters
    ----------
    clips : Path
        Folder of audio files named after their track, at any depth.

    Raises
    ------
    ConfigError
        If they have none in common.
    AudioError
        If a recording cannot be read.
    """
    examples = read_table(table).examples
    values = examples.inputs[0].astype(np.float64)
    row = {track: i for i, track in enumerate(examples.track.tolist())}
    files = recordings_of(clips, row, table)
    computed = []
    with progress("summary features", len(files)) as step:
        for path in files:
            computed.append(summarise(read_samples(path)))
            step(path.name)
    return TableAgreement(
        tuple(path.stem for path in files),
        np.array(computed),
        values[[row[path.stem] for path in files]],
        values.std(axis=0),
    )


def render(agreement: TableAgreement) -> str:
    """Write a line a feature: errors over the value and over the table's spread."""
    relative, standard = agreement.relative, agreement.standard
    lines = [
        f"{'feature':24} {'relative error':>25} {'in deviations':>25}",
        f"{'':24} {'median':>12} {'largest':>12} {'median':>12} {'largest':>12}",
    ]
    lines += [
        f"{name:24} {np.median(relative[:, i]):12.5f} {relative[:, i].max():12.5f} "
        f"{np.median(standard[:, i]):12.5f} {standard[:, i].max():12.5f}"
        for i, name in enumerate(FEATURES)
    ]
    worst = int(standard.max(axis=1).argmax())
    lines.append(
        f"{len(agreement.tracks)} recordings; furthest off is {agreement.tracks[worst]}"
    )
    return "\n".join(lines)
