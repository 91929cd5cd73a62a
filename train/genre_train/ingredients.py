"""What a training takes beside labelled music, from where the user says it is."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_daemon.messages import NO_MUSIC
from genre_train.background import load_background
from genre_train.batching import Scenery
from genre_train.imitation.opening import open_imitation
from genre_train.melroom import fit_rooms
from genre_train.rooms import TRAINING_ROOMS
from genre_train.teachers import Teachers

if TYPE_CHECKING:
    from genre_daemon.features.spec import FeatureSpec
    from genre_train.dataset import DataSet
    from genre_train.melroom import MelRoom
    from genre_train.trainsettings import TrainSettings


@dataclass(frozen=True)
class Ingredients:
    """Files and folders to learn from, none of them needed."""

    background: Path | None = None
    """Data folder with recordings of no music and of music without a genre."""
    embeddings: Path | None = None
    """What ``genre-train embed`` has written of the background and the labelled
    windows: teachers then say what they think of both."""
    imitation: Path | None = None
    """Folder that ``genre-train imitate`` has made: the labels are learned by what that
    network hears, which itself stays as it is."""

    @classmethod
    def of(cls, config: dict[str, Any]) -> Ingredients:
        """Return those that a run was made with."""
        named = config.get("ingredients", {})
        return cls(**{key: Path(value) for key, value in named.items() if value})

    def to_json(self) -> dict[str, str | None]:
        """Return what :meth:`of` reads."""
        return {
            name: None if path is None else str(path.resolve())
            for name, path in vars(self).items()
        }

    def prepare_data(self, data: DataSet) -> DataSet:
        """Return the data with the label that the background brings.

        A collection that has a folder of that name keeps its own.
        """
        if self.background is None or NO_MUSIC in data.labels:
            return data
        return replace(data, labels=(*data.labels, NO_MUSIC))

    def scenery(
        self, data: DataSet, settings: TrainSettings, *, everything: bool = False
    ) -> Scenery:
        """Load what is heard beside the labelled windows.

        Parameters
        ----------
        everything : bool
            Hear recordings of the background that are held out, too.

        Raises
        ------
        ConfigError
            If recordings, their embeddings or the imitation are missing.
        """
        imitation, background, teachers = None, None, None
        if self.imitation is not None:
            imitation = open_imitation(self.imitation, data.spec)
        if self.embeddings is not None:
            teachers = Teachers(data, self.embeddings)
        read = functools.partial(
            load_background, data=data, teachers=teachers, everything=everything
        )
        if self.background is not None:
            background = read(self.background)
        rooms = _rooms(data.spec) if settings.augment.room else ()
        if imitation is not None:  # its classifier asks nobody about labelled windows
            played = None
            if self.background is not None and rooms:
                played = read(self.background, in_rooms=True)
            return Scenery(background, played, rooms, imitation=imitation)
        opinions = None if teachers is None else teachers.of_windows()
        return Scenery(background, rooms=rooms, opinions=opinions)


@functools.lru_cache(maxsize=1)  # one training after another is in the same
def _rooms(spec: FeatureSpec) -> tuple[MelRoom, ...]:
    return tuple(fit_rooms(TRAINING_ROOMS, spec))
