"""What a run was made by, from the runs before it: all that has seen a label."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.ingredients import Ingredients
from genre_train.loading import DataSettings
from genre_train.refitting import settings_of
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genre_train.trainsettings import TrainSettings


@dataclass(frozen=True)
class Stage:
    """One training, as its run has recorded it."""

    name: str
    """Of the run folder, here and there."""
    begin: str | None
    """Name of the stage whose weights it begins with."""
    settings: TrainSettings
    where: DataSettings
    ingredients: Ingredients
    licence: str
    sha256: str
    """Of the data."""

    def told(self) -> str:
        """Say which training it is, and how long."""
        return f"{self.name} ({self.settings.epochs} epochs)"

    def shortened(self, share: float) -> Stage:
        """Return the same training with a share of its epochs, one at least."""
        epochs = max(1, round(share * self.settings.epochs))
        return replace(self, settings=replace(self.settings, epochs=epochs))


@dataclass(frozen=True)
class Recipe:
    """All trainings of a run, in their order."""

    stages: tuple[Stage, ...]
    """The last one is the run itself."""
    labels: tuple[str, ...] = ()
    spec: FeatureSpec = field(default_factory=FeatureSpec)
    window_frames: int = 0

    @property
    def last(self) -> Stage:
        """The run itself."""
        return self.stages[-1]

    def shortened(self, share: float) -> Recipe:
        """Return the same recipe with a share of the epochs of every training.

        Raises
        ------
        ConfigError
            If the share is not in (0, 1].
        """
        if not 0.0 < share <= 1.0:
            raise ConfigError(
                f"--epochs-share must be above 0 and at most 1, got {share}"
            )

        stages = tuple(stage.shortened(share) for stage in self.stages)
        return replace(self, stages=stages)

    def told(self) -> list[str]:
        """List what is made for every fold, in its order."""
        return [stage.told() for stage in self.stages]

    def to_json(self) -> dict[str, Any]:
        """Return all that decides it, flat, so that a difference can be named."""
        told: dict[str, Any] = {}
        for stage in self.stages:
            used = {
                name: path is not None for name, path in vars(stage.ingredients).items()
            }
            values = {"from": stage.begin, **asdict(stage.settings), **used}
            told |= {f"{stage.name}: {name}": value for name, value in values.items()}
        return told


@dataclass(frozen=True)
class Places:
    """Where things are now, if they are not where the runs say."""

    data: Path | None = None
    """Arrays file or folder of music."""
    background: Path | None = None


def recipe_of(run: Path, places: Places) -> Recipe:
    """Read from finished runs what is to be repeated.

    Parameters
    ----------
    run : Path
        The run to be repeated, with those it was begun from.

    Raises
    ------
    ConfigError
        If one of the runs cannot be repeated without some of its tracks.
    """
    stages = _chain(run, places)
    _require_consistent(stages)
    config = RunFolder(run).config()
    return Recipe(
        tuple(stages),
        tuple(config["labels"]),
        FeatureSpec.from_json(config["spec"]),
        config["data"]["window_frames"],
    )


def _chain(run: Path, places: Places) -> list[Stage]:
    """Return a run and those it was begun from, the first one first."""
    config = _repeatable(run)
    former = config["data"].get("begun_from")
    before = [] if former is None else _chain(_found(former, run), places)
    return [*before, _stage(run, config, before[-1].name if before else None, places)]


def _repeatable(run: Path) -> dict[str, Any]:
    folder = RunFolder(run)
    config = folder.config()
    if "system" in config:
        raise ConfigError(
            f"{run} is of a published system: only a network that 'genre-train fit' "
            "has trained on arrays or a folder is repeated"
        )
    if not folder.finished or config["data"].get("leaky"):
        raise ConfigError(
            f"{run} is not finished or was leaky: repeat a run that came to its end "
            "and has held tracks out"
        )
    return config


def _stage(
    run: Path, config: dict[str, Any], begin: str | None, places: Places
) -> Stage:
    known = Ingredients.of(config)
    ingredients = Ingredients(
        known.background and (places.background or known.background),
        known.embeddings and _found(str(known.embeddings), run),
        known.imitation and _found(str(known.imitation), run),
    )
    where = DataSettings.of(config, places.data)
    if not where.path.exists():
        raise ConfigError(
            f"the data of {run} are not at {where.path}: say where they are with --data"
        )
    return Stage(
        run.resolve().name,
        begin,
        settings_of(config),
        # Every track is divided anew, so that no former side is kept.
        replace(where, inherited={}),
        ingredients,
        config["data"]["licence"],
        config["data"]["sha256"],
    )


def _found(recorded: str, run: Path) -> Path:
    """Return a path that a run has recorded, or what lies beside the run instead."""
    path = Path(recorded)
    beside = run.resolve().parent / path.name
    return beside if not path.exists() and beside.exists() else path


def _require_consistent(stages: Sequence[Stage]) -> None:
    """Check that a fold leaves out the same tracks everywhere, and names are clear."""
    first = stages[0]
    for stage in stages:
        if any(one.name == stage.name and one != stage for one in stages):
            raise ConfigError(
                f"two different runs are called {stage.name}: rename one of them"
            )
        if stage.sha256 != first.sha256:
            raise ConfigError(
                f"{stage.name} was trained on other data than {first.name}: what one "
                "holds out, the other may have heard"
            )
