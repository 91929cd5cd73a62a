"""Go on from a finished run: the same genres and more, and nothing forgotten.

Its weights are taken over, and so is its split: what it was trained on must not be
called held out now. It learns with a quarter of the usual rate, on all the genres
together, so that the old ones are rehearsed while the new one is learned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.models import MODELS
from genre_train.runs import RunFolder
from genre_train.transfer import give_weights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from genre_train.dataset import DataSet
    from genre_train.loading import DataSettings
    from genre_train.trainsettings import TrainSettings

RATE = 0.25
"""Share of the usual learning rate: a higher one would wash out what is there."""


@dataclass(frozen=True)
class EarlierRun:
    """A run to begin from."""

    folder: RunFolder
    config: dict[str, Any]

    @classmethod
    def open(cls, path: Path) -> EarlierRun:
        """Read a run.

        Raises
        ------
        ConfigError
            If the folder is no run, or one of a leaky split, which has no tracks
            that were held out.
        """
        folder = RunFolder(path)
        config = folder.config()
        if config["data"].get("leaky"):
            raise ConfigError(
                f"{path} was trained with --split leaky and has held nothing out: "
                "begin from another run"
            )
        return cls(folder, config)

    @property
    def model_name(self) -> str:
        """Which of ``MODELS`` it trained."""
        return str(self.config["settings"]["model"])

    def adapt(
        self, where: DataSettings, settings: TrainSettings
    ) -> tuple[DataSettings, TrainSettings]:
        """Return settings that keep the former split and learn carefully."""
        rate = settings.learning_rate * RATE
        return (
            replace(where, inherited=self.folder.sides()),
            replace(settings, learning_rate=rate),
        )

    def preparation(
        self, settings: TrainSettings, data: DataSet
    ) -> Callable[[Any], None]:
        """Return what gives a new network the weights of this run.

        Raises
        ------
        ConfigError
            If the run cannot be gone on from with these data.
        """
        labels = tuple(self.config["labels"])
        lost = sorted(set(labels) - set(data.labels))
        if lost:
            raise ConfigError(
                f"{self.folder.path} knows the genre {lost[0]!r}, of which {data.name} "
                "has no music, and would forget it: add the folder, or train without "
                "--from"
            )
        if settings.model != self.model_name:
            raise ConfigError(
                f"{self.folder.path} trained the model {self.model_name!r}, not "
                f"{settings.model!r}: leave --model out"
            )
        former = FeatureSpec.from_json(self.config["spec"])
        # One set of weights serves chunks of any length.
        if replace(former, chunk_frames=data.spec.chunk_frames) != data.spec:
            raise ConfigError(
                f"{self.folder.path} was trained on other features: train anew"
            )
        old = self.folder.load_model()

        def build(n_labels: int) -> Any:  # noqa: ANN401 - keras is untyped
            return MODELS[settings.model](data.spec.n_mels, n_labels)

        return lambda new: give_weights(old, new, build, (labels, data.labels))
