"""The run folder: everything that a training leaves behind.

=================  ============================================================
``config.json``    all that is needed to repeat it; written first
``split.csv``      the side of every track
``history.csv``    a line an epoch, written as it goes
``state.json``     ``running``, ``interrupted`` or ``finished``, and the epochs
``model.keras``    the averaged weights, in one piece or not at all
``metrics.json``   figures on the held-out side
=================  ============================================================
"""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.dataset import TRAIN, VALID
from genre_train.training import Epoch

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.dataset import DataSet

RUNNING, INTERRUPTED, FINISHED = "running", "interrupted", "finished"


@dataclass(frozen=True)
class RunFolder:
    """A run folder, new or old."""

    path: Path

    def require_new(self) -> None:
        """Check that nothing is there yet.

        Raises
        ------
        ConfigError
            If something is.
        """
        if self.path.exists() and not (
            self.path.is_dir() and not any(self.path.iterdir())
        ):
            raise ConfigError(
                f"{self.path} exists and is no empty folder: a run never writes over "
                "another one, give a new folder with --out"
            )

    def begin(self, config: dict[str, Any], data: DataSet) -> None:
        """Make the folder and write down what is about to be done.

        Raises
        ------
        ConfigError
            If the folder cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"cannot make the run folder {self.path}: {error.strerror}"
            ) from error
        self._write_json("config.json", config)
        with (self.path / "split.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("track", "genre", "split"))
            for side, windows in ((TRAIN, data.train), (VALID, data.valid)):
                genres = dict(
                    zip(windows.track.tolist(), windows.genre.tolist(), strict=True)
                )
                writer.writerows(
                    (track, data.labels[genre], side)
                    for track, genre in sorted(genres.items())
                )
        with (self.path / "history.csv").open("w", newline="") as file:
            csv.writer(file).writerow(field.name for field in fields(Epoch))
        self.mark(RUNNING, 0)

    def append(self, epoch: Epoch) -> None:
        """Add a line to the history."""
        with (self.path / "history.csv").open("a", newline="") as file:
            values = asdict(epoch).values()
            csv.writer(file).writerow(
                f"{value:.4f}" if isinstance(value, float) else value
                for value in values
            )

    def mark(self, state: str, epochs: int) -> None:
        """Say how far the run came."""
        self._write_json("state.json", {"state": state, "epochs": epochs})

    def save_model(self, model: Any) -> None:  # noqa: ANN401 - keras is untyped
        """Write the network, replacing it in one step."""
        partial = self.path / "partial.keras"  # Keras insists on the suffix
        model.save(partial)
        partial.replace(self.path / "model.keras")

    def save_metrics(self, metrics: dict[str, Any]) -> None:
        """Write the figures."""
        self._write_json("metrics.json", metrics)

    def config(self) -> dict[str, Any]:
        """Read ``config.json``.

        Raises
        ------
        ConfigError
            If the folder is no run.
        """
        return self._read_json("config.json")

    def state(self) -> dict[str, Any]:
        """Read ``state.json``: keys ``state`` and ``epochs``."""
        return self._read_json("state.json")

    def load_model(self) -> Any:  # noqa: ANN401 - keras is untyped
        """Read the network.

        Raises
        ------
        ConfigError
            If the run was stopped before it had one, or the file is damaged.
        """
        path = self.path / "model.keras"
        if not path.is_file():
            state = self.state()
            raise ConfigError(
                f"{self.path} has no model: the run is marked {state['state']!r} after "
                f"{state['epochs']} epochs; train again with 'genre-train fit'"
            )
        keras = load_keras()

        try:
            return keras.saving.load_model(path, compile=False)
        except (OSError, ValueError) as error:
            raise ConfigError(f"cannot read the model {path}: {error}") from error

    def _write_json(self, name: str, content: dict[str, Any]) -> None:
        partial = self.path / f"{name}.part"
        partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        partial.replace(self.path / name)

    def _read_json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(
                f"{self.path} is no run folder ({name}: {error.strerror}): make one "
                "with 'genre-train fit'"
            ) from error
        except ValueError as error:
            raise ConfigError(f"{path} is damaged: {error}") from error
        if not isinstance(content, dict):
            raise ConfigError(f"{path} is damaged: it holds no object")
        return content
