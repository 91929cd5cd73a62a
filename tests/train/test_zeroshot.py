"""Genres by the tags of others: which count, and what they are worth."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_train import yamnet
from genre_train.embeddings import TAGS, scores_of
from genre_train.zeroshot import names, zero_shot

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def recording(**scores: float) -> dict[str, NDArray[np.float16]]:
    """Three rows of a recording, whose scores are 0.01 but for those given.

    A tag is written with an underscore for each space.
    """
    told = {}
    for tagger, tags in TAGS.items():
        row = [scores.get(tag.replace(" ", "_"), 0.01) for tag in tags]
        told[scores_of(tagger)] = np.tile(np.array(row, np.float16), (3, 1))
    return told


def test_a_recording_stands_out_for_what_it_is_called() -> None:
    heard = [recording(jazz=0.9), recording(Jazz=0.9), recording(), recording()]
    told = zero_shot(["blues", "jazz"], heard)
    assert told.shape == (4, 2)
    # By one tagger each.
    assert told[:2, 1] == pytest.approx([told[0, 1]] * 2)
    assert told[0, 1] > 0.5
    assert told[2, 1] < 0.0
    assert told[2, 1] == pytest.approx(told[3, 1])
    assert (told[:, 0] == 0.0).all()  # all of them are called it alike


def test_what_both_call_it_counts_for_more() -> None:
    heard = [recording(jazz=0.9, Jazz=0.9), recording(jazz=0.9), recording()]
    both, one, neither = zero_shot(["jazz"], heard)[:, 0]
    assert both > one > neither


def test_the_strongest_of_its_tags_counts_for_a_genre() -> None:
    told = zero_shot(["metal"], [recording(heavy_metal=0.9), recording(metal=0.9)])
    assert told[0, 0] == pytest.approx(told[1, 0])


def test_a_rare_tag_counts_as_much_as_a_common_one() -> None:
    rare = zero_shot(["reggae"], [recording(Reggae=0.02), recording()])
    common = zero_shot(["pop"], [recording(Pop_music=0.9), recording()])
    assert rare == pytest.approx(common)


def test_nobody_has_an_opinion_of_a_genre_without_a_tag() -> None:
    assert (zero_shot(["polka"], [recording(rock=0.9), recording()]) == 0.0).all()


@pytest.mark.parametrize(
    ("tag", "genre", "stands"),
    [
        ("Blues", "blues", True),
        ("Hip-Hop", "hiphop", True),
        ("Hip hop music", "hiphop", True),
        ("Classical music", "classical", True),
        ("Progressive rock", "rock", True),
        ("Folk music", "rock", False),
        ("techno", "Techno", True),
        ("pop", "indie pop", False),
    ],
)
def test_tags_that_stand_for_a_genre(tag: str, genre: str, *, stands: bool) -> None:
    assert names(tag, genre) is stands


@pytest.mark.parametrize(
    "genre",
    [
        *("blues", "classical", "country", "disco", "hiphop"),
        *("jazz", "metal", "pop", "reggae", "rock"),
    ],
)
def test_every_genre_of_the_shipped_model_has_a_tag(genre: str) -> None:
    assert any(names(tag, genre) for tags in TAGS.values() for tag in tags)


def test_the_tags_of_yamnet_are_those_of_its_classes(data_dir: Path) -> None:
    listing = data_dir / "yamnet" / "yamnet_class_map.csv"
    with listing.open(encoding="utf-8", newline="") as file:
        known = {int(row["index"]): row["display_name"] for row in csv.DictReader(file)}
    first = yamnet._FIRST_TAG
    assert [known[first + k] for k in range(len(yamnet.TAGS))] == [*yamnet.TAGS]
