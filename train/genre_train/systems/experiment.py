"""From data to a run folder, and from a run folder back to its predictions."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.probabilities import softmax
from genre_train.dataset import TRAIN, VALID
from genre_train.progress import progress
from genre_train.runs import FINISHED, INTERRUPTED, RunFolder
from genre_train.surroundings import commit, versions
from genre_train.systems.inputs import Sources, spectrograms
from genre_train.systems.protocol import predict, train
from genre_train.systems.record import begin, recorder
from genre_train.systems.registry import Recipe, find
from genre_train.systems.scoring import Predictions, figures
from genre_train.systems.sides import HONEST, LEAKY, Sides, choose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_train.systems.material import Material
    from genre_train.systems.registry import System


@dataclass(frozen=True)
class Settings:
    """Everything that decides an experiment besides the data.

    Raises
    ------
    ConfigError
        If a number is out of range, or the system has no such protocol.
    """

    system: str
    protocol: str = HONEST
    clips: bool = False
    """Cut each window into overlapping clips, as the leaky protocol always does."""
    epochs: int | None = None
    """By default those of the recipe."""
    seed: int = 0
    licence: str = "not stated"

    def __post_init__(self) -> None:
        system = find(self.system)
        if self.protocol not in (HONEST, LEAKY):
            raise ConfigError(
                f"the protocol must be {HONEST} or {LEAKY}, got {self.protocol!r}"
            )
        if self.protocol == LEAKY and not system.leaky:
            raise ConfigError(
                f"{self.system} has no leaky protocol: its source keeps songs apart"
            )
        if self.epochs is not None and self.epochs < 1:
            raise ConfigError(f"--epochs must be at least 1, got {self.epochs}")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"--seed must be 0 to 4294967295, got {self.seed}")

    @property
    def cut(self) -> bool:
        """Whether windows are cut into clips."""
        return find(self.system).clips and (self.clips or self.protocol == LEAKY)

    @property
    def recipe(self) -> Recipe:
        """How to train."""
        recipe = find(self.system).recipe
        return recipe if self.epochs is None else replace(recipe, epochs=self.epochs)


def run_experiment(sources: Sources, settings: Settings, out: Path) -> RunFolder:
    """Train a published system, score it, and leave a run folder.

    An unfinished run of the same settings and data is gone on with.

    Raises
    ------
    ConfigError
        If the data or the folder cannot be used, before any training.
    """
    folder, system = RunFolder(out), find(settings.system)
    folder.unfinished()  # so that no data are read in vain
    material = system.material(sources, clips=settings.cut)
    sides = _sides(material, settings)
    config = describe(settings, material, sides)
    with folder.held() as unfinished:
        if unfinished and folder.has_checkpoint:
            folder.require_same(config)
        else:
            begin(folder, config, material, sides)
        with progress(f"{system.name} epoch", settings.recipe.epochs) as step:
            trained = train(
                system,
                settings.recipe,
                material,
                sides,
                seed=settings.seed,
                record=recorder(folder, step),
                keeper=folder,
            )
        state = FINISHED if trained.finished else INTERRUPTED
        if trained.epochs:
            folder.save_model(trained.model)
            said = _predictions(system, trained.model, material, sides)
            metrics = _metrics(said, material, sides, settings)
            metrics["parameters"] = int(trained.model.count_params())
            metrics["training_cpu_seconds"] = round(trained.cpu_seconds, 1)
            folder.save_metrics(metrics)
        folder.mark(state, trained.epochs)
    return folder


def describe(settings: Settings, material: Material, sides: Sides) -> dict[str, Any]:
    """Return the content of ``config.json``: all that is needed to repeat a run."""
    examples = material.examples
    held_out = sides.mask(len(examples))
    paths = material.paths
    config: dict[str, Any] = {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": settings.system,
        "protocol": settings.protocol,
        "settings": {"model": settings.system, "clips": settings.cut}
        | asdict(settings.recipe)
        | {"seed": settings.seed},
        "labels": list(material.labels),
        "data": {
            "name": " + ".join(Path(path).name for path in paths.values()),
            "path": next(iter(paths.values())),
            "paths": paths,
            "sha256": material.sha256,
            "split": sides.words,
            "leaky": settings.protocol == LEAKY,
            "valid_fraction": 0.2,
            "window_frames": material.patch_frames,
            "counts": {
                TRAIN: _counts(material, ~held_out),
                VALID: _counts(material, held_out),
            },
            "stopped_by": len(sides.stop),
            "shapes": [list(array.shape[1:]) for array in examples.inputs],
            "licence": settings.licence,
            "left_out": list(material.faults),
        },
        "versions": versions(),
        "commit": commit(),
    }
    whole = find(settings.system).prepare is spectrograms and not settings.cut
    if whole and material.patch_frames:
        # What a bundle needs; these networks know one length only.
        length = material.patch_frames
        spec = FeatureSpec(patch_frames=length, chunk_frames=length)
        config["spec"] = spec.to_json()
    return config


def predictions_of(folder: RunFolder, data: list[Path] | None = None) -> Predictions:
    """Let the network of a run say again what it says of its held-out side.

    Parameters
    ----------
    data : list of Path, optional
        Where the data are now, if they have moved.

    Raises
    ------
    ConfigError
        If the run has no model, or its data are gone or changed.
    """
    config = folder.config()
    model = folder.load_model()
    material, sides = _load_again(config, data)
    return _predictions(find(config["system"]), model, material, sides)


def score_again(folder: RunFolder, data: list[Path] | None = None) -> dict[str, Any]:
    """Score a run on its held-out side again.

    Raises
    ------
    ConfigError
        If the run has no model, or its data are gone or changed.
    """
    config = folder.config()
    model = folder.load_model()
    material, sides = _load_again(config, data)
    said = _predictions(find(config["system"]), model, material, sides)
    return _metrics(said, material, sides, _settings_of(config))


def _metrics(
    said: Predictions, material: Material, sides: Sides, settings: Settings
) -> dict[str, Any]:
    return {
        "on": VALID,
        "system": settings.system,
        "protocol": settings.protocol,
        "split": sides.words,
        "labels": list(material.labels),
        "window": {"frames": material.patch_frames} | figures(said),
    }


def _load_again(
    config: dict[str, Any], data: list[Path] | None
) -> tuple[Material, Sides]:
    settings = _settings_of(config)
    paths = data or [Path(path) for path in config["data"]["paths"].values()]
    for path in paths:
        if not path.exists():
            raise ConfigError(
                f"the data of the run are not at {path}: say where they are with --data"
            )
    sources = Sources.of(paths, seed=settings.seed)
    material = find(settings.system).material(sources, clips=settings.cut)
    if material.sha256 != config["data"]["sha256"]:
        raise ConfigError(
            f"{paths[0]} has changed since the run was trained: its figures would not "
            "be held-out figures; train again, or give the former data with --data"
        )
    return material, _sides(material, settings)


def _settings_of(config: dict[str, Any]) -> Settings:
    kept = config["settings"]
    return Settings(
        config["system"],
        config["protocol"],
        kept["clips"],
        kept["epochs"],
        kept["seed"],
        config["data"]["licence"],
    )


def _sides(material: Material, settings: Settings) -> Sides:
    stopping = settings.recipe.patience > 0
    return choose(material, settings.protocol, settings.seed, stopping=stopping)


def _predictions(
    system: System,
    model: Any,  # noqa: ANN401 - keras is untyped
    material: Material,
    sides: Sides,
) -> Predictions:
    examples = material.examples.take(sides.held_out)
    return Predictions(
        material.labels,
        softmax(predict(model, examples)),
        examples.genre,
        examples.track,
        None if system.picture is None else system.picture(examples.inputs[0]),
    )


def _counts(material: Material, side: NDArray[np.bool_]) -> dict[str, Any]:
    examples = material.examples.take(side)
    per_genre = np.bincount(examples.genre, minlength=len(material.labels))
    return {
        "tracks": len(np.unique(examples.track)),
        "windows": len(examples),
        "per_genre": dict(zip(material.labels, per_genre.tolist(), strict=True)),
    }
