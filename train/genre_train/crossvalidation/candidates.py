"""What a search tries: a list of changes to one recipe, in a file that is kept.

The file is TOML. Each candidate has a table of its own, and says in what it differs
from the run that the search is given; ``[all]`` holds for every candidate::

    [all]
    epochs = 40
    without = ["embeddings"]

    [candidate.compact]

    [candidate.no-mixup]
    note = "is mixing worth it?"
    augment.mixup = 0.0

Names are those of :class:`~genre_train.trainsettings.TrainSettings` and, under
``augment``, of :class:`~genre_train.augment.AugmentSettings`; ``without`` leaves out
ingredients.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_train.augment import AugmentSettings
from genre_train.ingredients import Ingredients
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from genre_train.crossvalidation.recipe import Recipe, Stage

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_AUGMENT = vars(AugmentSettings())
_SETTINGS = {
    name: value
    for name, value in vars(TrainSettings()).items()
    if name not in ("seed", "augment")
}
_INGREDIENTS = frozenset(one.name for one in fields(Ingredients))


@dataclass(frozen=True)
class Candidate:
    """In what one candidate differs from the run that the search is given."""

    name: str
    """Of its folder and its row."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    augment: Mapping[str, Any] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    """Ingredients that are left out."""
    note: str = ""

    def applied(self, recipe: Recipe, seed: int) -> Recipe:
        """Return the recipe with these changes in every stage.

        Raises
        ------
        ConfigError
            If a value is out of range.
        """
        stages = tuple(self._changed(stage, seed) for stage in recipe.stages)
        return replace(recipe, stages=stages)

    def _changed(self, stage: Stage, seed: int) -> Stage:
        augment = replace(stage.settings.augment, **self.augment)
        return replace(
            stage,
            settings=replace(
                stage.settings, **self.settings, augment=augment, seed=seed
            ),
            ingredients=replace(stage.ingredients, **dict.fromkeys(self.without)),
        )


def choose(
    path: Path | None, models: Sequence[str], epochs: int | None = None
) -> list[Candidate]:
    """Return the candidates of a file, and one for each model.

    Raises
    ------
    ConfigError
        If there is none, or two have the same name.
    """
    listed = [] if path is None else read_candidates(path)
    shared = {} if epochs is None else {"epochs": epochs}
    named = [Candidate(model, {"model": model, **shared}) for model in models]
    names = [one.name for one in (*listed, *named)]
    if not names:
        raise ConfigError("say what to try, with --candidates or --model")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"two candidates are called {twice[0]!r}")
    return [*listed, *named]


def read_candidates(path: Path) -> list[Candidate]:
    """Read a file of candidates, in its order.

    Raises
    ------
    ConfigError
        If it cannot be read, or says something that is not known.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the candidates in {path}: {error}") from error
    shared = content.pop("all", {})
    tables = content.pop("candidate", {})
    if content or not tables:
        wrong = next(iter(content), None)
        raise ConfigError(
            f"{path} must hold tables [candidate.NAME] and may hold [all], "
            + (f"got {wrong!r}" if wrong else "but names no candidate")
        )
    return [
        _candidate(name, _over(shared, table), f"{path}, candidate {name}")
        for name, table in tables.items()
    ]


def _over(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Lay the table of a candidate over what holds for all."""
    both = {**shared, **own}
    if "augment" in shared and "augment" in own:
        both["augment"] = {**shared["augment"], **own["augment"]}
    return both


def _candidate(name: str, table: dict[str, Any], where: str) -> Candidate:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{where}: it names a folder, so only small letters, digits, dots and "
            "hyphens will do"
        )
    augment, note = table.pop("augment", {}), str(table.pop("note", ""))
    without = frozenset(table.pop("without", ()))
    _require(table, _SETTINGS, f"{where}: setting")
    _require(augment, _AUGMENT, f"{where}: augment")
    unknown = sorted(without - _INGREDIENTS)
    if unknown:
        raise ConfigError(
            f"{where}: without {unknown[0]!r} is none of "
            f"{', '.join(sorted(_INGREDIENTS))}"
        )
    return Candidate(name, table, augment, without, note)


def _require(given: Mapping[str, Any], known: Mapping[str, Any], what: str) -> None:
    """Check that settings are known, and of the type of what they stand for."""
    for name, value in given.items():
        if name not in known:
            raise ConfigError(f"{what} {name!r} is none of {', '.join(sorted(known))}")
        wanted = type(known[name])
        whole_for_float = wanted is float and type(value) is int
        if type(value) is not wanted and not whole_for_float:
            raise ConfigError(
                f"{what} {name!r} must be of the type {wanted.__name__}, got {value!r}"
            )
