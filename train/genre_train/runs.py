"""The run folder: everything that a training leaves behind.

=================  ============================================================
``config.json``    all that is needed to repeat it; written first
``split.csv``      the side of every track
``history.csv``    a line an epoch, written as it goes
``state.json``     ``running``, ``interrupted`` or ``finished``, and the epochs
``checkpoint.npz`` where to go on after the last epoch; gone when it is finished
``model.keras``    the averaged weights, in one piece or not at all
``metrics.json``   figures on the held-out side
=================  ============================================================
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.checkpoint import Checkpoint
from genre_train.dataset import TRAIN, VALID
from genre_train.durable import alone_in, replacing
from genre_train.training import Epoch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from genre_train.dataset import DataSet

RUNNING, INTERRUPTED, FINISHED = "running", "interrupted", "finished"

_CHECKPOINT = "checkpoint.npz"
_DECIDES = ("settings", "data", "ingredients")  # parts of the configuration
_SHORT = 60  # characters of a value that are shown


@dataclass(frozen=True)
class RunFolder:
    """A run folder, new or old."""

    path: Path

    def unfinished(self) -> bool:
        """Tell an unfinished run, to go on with, from a place for a new one.

        Raises
        ------
        ConfigError
            If something else is there.
        """
        if not self.path.exists() or (
            self.path.is_dir() and not any(self.path.iterdir())
        ):
            return False
        if self.path.is_dir() and (self.path / "state.json").is_file():
            state = self.state().get("state")
            if state in (RUNNING, INTERRUPTED):
                return True
        raise ConfigError(
            f"{self.path} exists and is no empty folder: a run never writes over "
            "another one, give a new folder with --out"
        )

    @property
    def finished(self) -> bool:
        """Whether a training came to its end here."""
        there = (self.path / "state.json").is_file()
        return there and self.state().get("state") == FINISHED

    def require_same(self, config: dict[str, Any]) -> None:
        """Check that an unfinished run was begun with the same settings and data.

        Raises
        ------
        ConfigError
            If it was begun with others.
        """
        different = _difference(self.config(), config)
        if different is not None:
            name, before, now = different
            raise ConfigError(
                f"{self.path} is an unfinished run whose {name!r} was {before}, not "
                f"{now}: give what it was begun with, or a new folder with --out"
            )

    @contextlib.contextmanager
    def held(self) -> Iterator[bool]:
        """Make the folder, and keep other processes from training in it meanwhile.

        Two that go on with one run would take turns at its checkpoint.

        Yields
        ------
        bool
            As :meth:`unfinished`: another process may just have come to its end here.

        Raises
        ------
        ConfigError
            If the folder cannot be made, another process trains in it, or something
            else is there.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"cannot make the run folder {self.path}: {error.strerror}"
            ) from error
        with alone_in(self.path) as alone:
            if not alone:
                raise ConfigError(
                    f"another process is training in {self.path}: let it end, or give "
                    "a new folder with --out"
                )
            yield self.unfinished()

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is something to go on with."""
        return (self.path / _CHECKPOINT).is_file()

    def begin(self, config: dict[str, Any], data: DataSet) -> None:
        """Write down what is about to be done in a folder that is :meth:`held`."""
        sides = ((TRAIN, data.train), (VALID, data.valid))
        self.write_first(
            config,
            (
                (track, data.labels[genre], side)
                for side, windows in sides
                for track, genre in sorted(
                    set(
                        zip(windows.track.tolist(), windows.genre.tolist(), strict=True)
                    )
                )
            ),
            [field.name for field in fields(Epoch)],
        )

    def write_first(
        self,
        config: dict[str, Any],
        split: Iterable[tuple[str, str, str]],
        columns: list[str],
    ) -> None:
        """Write configuration, split and the head of the history.

        Parameters
        ----------
        split : iterable of tuple
            Track, genre and side.
        columns : list of str
            Of the history.
        """
        # First: what is killed from here on is known as an unfinished run.
        self.mark(RUNNING, 0)
        self._write_json("config.json", config)
        with (self.path / "split.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("track", "genre", "split"))
            writer.writerows(split)
        self._write_history([columns])

    def append(self, epoch: Epoch) -> None:
        """Add a line to the history."""
        self.append_row(asdict(epoch).values())

    def append_row(self, values: Iterable[object]) -> None:
        """Add a line of any columns to the history."""
        with (self.path / "history.csv").open("a", newline="") as file:
            csv.writer(file).writerow(
                f"{value:.4f}" if isinstance(value, float) else value
                for value in values
            )

    def load_checkpoint(self) -> Checkpoint | None:
        """Return where to go on, and take the history back to there."""
        kept = Checkpoint.load(self.path / _CHECKPOINT)
        epochs = 0 if kept is None else kept.epoch
        with (self.path / "history.csv").open(newline="") as file:
            rows = list(csv.reader(file))
        self._write_history(rows[: 1 + epochs])
        return kept

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep where to go on, in place of the epoch before."""
        checkpoint.save(self.path / _CHECKPOINT)
        self.mark(RUNNING, checkpoint.epoch)

    def sides(self) -> dict[str, str]:
        """Return the side of every track, by name.

        Raises
        ------
        ConfigError
            If the folder is no run.
        """
        try:
            with (self.path / "split.csv").open(newline="", encoding="utf-8") as file:
                return {row["track"]: row["split"] for row in csv.DictReader(file)}
        except (OSError, KeyError) as error:
            raise ConfigError(
                f"{self.path} is no run folder: it has no split.csv to read"
            ) from error

    def mark(self, state: str, epochs: int) -> None:
        """Say how far the run came."""
        self._write_json("state.json", {"state": state, "epochs": epochs})
        if state == FINISHED:
            (self.path / _CHECKPOINT).unlink(missing_ok=True)

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
                f"{state['epochs']} epochs; the same command goes on with it"
            )
        keras = load_keras()

        try:
            return keras.saving.load_model(path, compile=False)
        except (OSError, ValueError) as error:
            raise ConfigError(f"cannot read the model {path}: {error}") from error

    def _write_json(self, name: str, content: dict[str, Any]) -> None:
        with replacing(self.path / name) as file:
            file.write((json.dumps(content, indent=2) + "\n").encode())

    def _write_history(self, rows: list[list[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        with replacing(self.path / "history.csv") as file:
            file.write(text.getvalue().encode())

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


def _difference(
    former: dict[str, Any], config: dict[str, Any]
) -> tuple[str, str, str] | None:
    """Return the first setting in which two runs differ, with both values."""
    for part in _DECIDES:
        before, now = (
            json.loads(json.dumps(one.get(part, {}))) for one in (former, config)
        )
        for name in sorted({*before, *now}):
            values = (before.get(name), now.get(name))
            if values[0] != values[1]:
                first, second = (repr(value)[:_SHORT] for value in values)
                return name, first, second
    return None
