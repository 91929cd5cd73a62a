"""Candidates: read from a file, cross-validated, and put side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.train.recorded import pretend, record, write_arrays
from tests.train.test_resume import small

from genre_daemon.errors import ConfigError
from genre_train.crossvalidation.candidates import Candidate, choose, read_candidates
from genre_train.crossvalidation.recipe import Places, recipe_of
from genre_train.crossvalidation.search import Search
from genre_train.crossvalidation.searchtext import as_markdown, as_text
from genre_train.ingredients import Ingredients
from genre_train.loading import DataSettings
from genre_train.models import MODELS
from genre_train.refitting import settings_of
from genre_train.runs import RunFolder
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from genre_train.crossvalidation.recipe import Recipe

SHIPPED = Path(__file__).parents[2] / "train" / "search.toml"
FILE = """
[all]
epochs = 2
augment.mixup = 0.1
without = ["embeddings"]

[candidate.plain]

[candidate.no-masks]
note = "are they worth it?"
learning_rate = 0.01
augment.masks = 0
without = []
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """Give a run of a small network to start from."""
    monkeypatch.setitem(MODELS, "small", small)
    where = DataSettings(write_arrays(tmp_path / "x.npz"))
    settings = TrainSettings("small", epochs=30, batch_size=4)
    told = Ingredients(embeddings=tmp_path / "told.npz")
    run = record(tmp_path / "run", where, settings, ingredients=told)
    return recipe_of(run, Places())


def test_a_candidate_says_in_what_it_differs(tmp_path: Path, recipe: Recipe) -> None:
    (tmp_path / "x.toml").write_text(FILE)
    plain, no_masks = read_candidates(tmp_path / "x.toml")
    first, second = (c.applied(recipe, seed=3).last for c in (plain, no_masks))
    assert (first.settings.epochs, first.settings.seed) == (2, 3)
    assert first.settings.augment.mixup == second.settings.augment.mixup == 0.1
    assert (first.settings.augment.masks, second.settings.augment.masks) == (2, 0)
    assert second.settings.learning_rate == 0.01
    assert first.ingredients.embeddings is None
    assert second.ingredients.embeddings == tmp_path / "told.npz"
    assert no_masks.note == "are they worth it?"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "cannot read the candidates"),
        ("[all]\nepochs = 3", "but names no candidate"),
        ("[candidates.x]", "got 'candidates'"),
        ("[candidate.x]\nepoch = 3", "setting 'epoch' is none of .*epochs"),
        ("[candidate.x]\naugment.mix = 3", "augment 'mix' is none of .*mixup"),
        (
            "[candidate.x]\nwithout = ['rooms']",
            "without 'rooms' is none of .*embeddings",
        ),
        ("[candidate.x]\nepochs = 'many'", "'epochs' must be of the type int"),
        ("[candidate.'a/b']", "it names a folder"),
    ],
)
def test_a_file_that_says_what_is_not_known(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_candidates(tmp_path / "x.toml")


def test_the_search_of_the_shipped_model_can_be_read() -> None:
    first, *others = read_candidates(SHIPPED)
    run = settings_of(RunFolder(SHIPPED.parent / "runs" / "gtzan-compact").config())
    assert replace(run.augment, **first.augment) == run.augment
    assert not first.without
    assert [one.name for one in others if not one.without] == ["one-level"]


def test_models_are_candidates_too(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[candidate.compact]")
    assert choose(None, ["compact"], 7) == [
        Candidate("compact", {"model": "compact", "epochs": 7})
    ]
    with pytest.raises(ConfigError, match="two candidates are called 'compact'"):
        choose(tmp_path / "x.toml", ["compact"])
    with pytest.raises(ConfigError, match="say what to try"):
        choose(None, [])


def test_a_network_that_there_is_not_is_told_of_before_any_training(
    recipe: Recipe, tmp_path: Path
) -> None:
    tried = [
        Candidate("good", without=frozenset({"embeddings"}), settings={"epochs": 1})
    ]
    wrong = Candidate("bad", {"model": "huge"})
    search = Search(recipe, [*tried, wrong], tmp_path / "search")
    with pytest.raises(ConfigError, match="candidate bad: there is no model 'huge'"):
        search.run()
    assert not search.out.exists()


@pytest.mark.slow
def test_the_table_compares_candidates_on_the_same_tracks(
    recipe: Recipe, tmp_path: Path
) -> None:
    bare = frozenset({"embeddings"})
    names = ("first", "second", "never")
    search = Search(
        recipe,
        [Candidate(name, {"epochs": 1}, without=bare) for name in names],
        tmp_path / "search",
        folds=2,
    )
    only_first = Search(recipe, search.candidates[:1], search.out, folds=2)
    only_first.run([1])
    (row,) = search.result()
    assert (row["candidate"], row["folds"], row["tracks"]) == ("first", "1/2", 6)
    assert row["parameters"] == small(128, 2).count_params()
    assert row["multiply_adds"] > 0
    assert row["change"] is None
    for candidate, right in zip(search.candidates, (0.5, 1.0), strict=False):
        (validation,) = search.validations(candidate)
        for number in validation.numbers:
            pretend(validation, number, right)
    rows = search.result()
    assert rows == json.loads((search.out / "search.json").read_text())
    assert [row["candidate"] for row in rows] == ["first", "second"]
    assert [row["patch"]["accuracy"]["value"] for row in rows] == [0.5, 1.0]
    assert rows[1]["change"]["value"] == 0.5
    assert rows[1]["change"]["low"] > 0
    assert "+0.500" in as_text(rows)
    assert as_markdown(rows).count("\n") == 3
