"""A run opened for export, and what is to be made of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genre_daemon import __version__
from genre_daemon.messages import NO_MUSIC
from genre_train.loading import load_again
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.dataset import DataSet, Windows


@dataclass(frozen=True)
class ExportSettings:
    """What to make of a run."""

    name: str = "genre-listen"
    version: str = __version__
    per_genre: int = 40
    """Representative patches of each genre."""
    tuning_steps: int = 300
    """Batches on which the network is tuned to rounding; 0 converts it as it is."""
    seed: int = 0
    """Of representative patches and batches."""
    data: Path | None = None
    """Where the run's data are, if they have moved."""
    held_out: Path | None = None
    """Logits of a cross-validation to calibrate on; by default the held-out side."""
    twin: Path | None = None
    """Bundle of the run that the run was refitted after: its figures are told."""
    conditions: Path | None = None
    """Data folder to measure rooms and no-music on; None leaves that out."""
    notes: Path | None = None
    """Text file: limits and licence, a sentence a line, for the model card."""


@dataclass(frozen=True)
class Trained:
    """A run with its network and its data, ready to be converted or compared."""

    config: dict[str, Any]
    state: dict[str, Any]
    model: Any
    data: DataSet
    patches: Windows
    """Held-out windows as the daemon hears them: looped to a whole patch."""


def open_run(run: Path, data: Path | None) -> Trained:
    """Load what a run trained, and what it trained on.

    Raises
    ------
    ConfigError
        If the run has no model, or its data are gone or changed.
    """
    # The converter is TensorFlow's, whatever backend the network was trained with.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    folder = RunFolder(run)
    config, state = folder.config(), folder.state()
    model = folder.load_model()
    loaded = load_again(config, data)
    looped = loaded.valid.looped(loaded.spec.patch_frames, loaded.spec.top_db)
    return Trained(config, state, model, loaded, looped)


def no_music_of(labels: tuple[str, ...]) -> int | None:
    """Return the index of the label that is no genre, if there is one."""
    return labels.index(NO_MUSIC) if NO_MUSIC in labels else None
