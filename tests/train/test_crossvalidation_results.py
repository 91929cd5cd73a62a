"""Figures of several folds together, from logits that are made up."""

from __future__ import annotations

import numpy as np
import pytest

from genre_train.crossvalidation.results import figures, shares
from genre_train.heldout import HeldOut
from genre_train.temperature import fit_temperature

LABELS = ("bells", "drums", "no_music")


def fold(named: str, said: str, sure: float = 2.0, seed: str = "") -> HeldOut:
    """Make a window a letter: what it is named and what it is."""
    logits = sure * np.eye(3, dtype=np.float32)[["bdn".index(x) for x in named]]
    genre = np.array(["bdn".index(x) for x in said])
    return HeldOut(
        logits, genre, np.array([f"{seed}{i}" for i in range(len(said))]), ""
    )


def test_folds_are_told_one_by_one_and_together() -> None:
    other = fold("ddd", "bdd", seed="other ")
    told = figures([fold("bbbd", "bbbb"), other], LABELS)
    assert [one["value"] for one in told["accuracy_of_folds"]] == [0.75, 0.6667]
    assert (told["accuracy"]["value"], told["accuracy"]["n"]) == (0.7143, 7)
    assert told["recall"] == {"bells": 0.6, "drums": 1.0}
    assert told["macro_recall"]["value"] == 0.8  # of the genres that are there
    assert told["windows"] == {"bells": 5, "drums": 2}
    assert told["confusion"] == [[3, 2, 0], [0, 2, 0], [0, 0, 0]]


def test_a_track_that_is_heard_by_two_networks_is_still_one_track() -> None:
    rng = np.random.default_rng(0)
    said = "".join(rng.choice(["b", "d"], 60))
    named = "".join(rng.choice(["b", "d"], 60))
    once = shares([fold(named, said)], LABELS)["accuracy"]
    twice = shares([fold(named, said), fold(named, said)], LABELS)["accuracy"]
    assert twice["value"] == once["value"]
    # As wide as before, but for the method: nothing was learned by asking again.
    width = once["high"] - once["low"]
    assert twice["high"] - twice["low"] == pytest.approx(width, rel=0.15)


def test_each_fold_gets_the_temperature_of_the_others() -> None:
    rng = np.random.default_rng(0)
    right = rng.random(400) < 0.7

    def sure(of: float) -> HeldOut:
        return fold("".join("b" if one else "d" for one in right), "b" * 400, of)

    modest, boastful = sure(1.5), sure(8.0)
    told = figures([modest, boastful], LABELS)["calibrated"]
    assert told["temperatures"] == [
        fit_temperature(boastful.logits, boastful.genre),
        fit_temperature(modest.logits, modest.genre),
    ]
    assert told["temperatures"][0] > 4 * told["temperatures"][1]
    alike = figures([boastful, sure(8.0)], LABELS)
    assert alike["calibration_error"] > 0.25
    assert alike["calibrated"]["calibration_error"] < 0.02
