"""What is compared between two machines or runtimes, and what counts as different."""

from __future__ import annotations

from typing import Any

import pytest
from tests.portability.verdicts import difference


def heard(genre: str, *jazz: float) -> list[dict[str, Any]]:
    """One recording: the probability of jazz in every window, the rest is blues."""
    windows = [
        {
            "genre": "jazz" if value > 0.5 else "blues",
            "probabilities": {"jazz": value, "blues": 1 - value},
        }
        for value in jazz
    ]
    return [{"genre": genre, "windows": windows}]


def test_equal_verdicts_do_not_differ() -> None:
    found = difference(heard("jazz", 0.8, 0.6), heard("jazz", 0.8, 0.6))
    assert (found.recordings, found.windows) == (1, 2)
    assert (found.other_genres, found.other_windows, found.probability) == (0, 0, 0.0)


def test_genres_first_labels_and_probabilities_are_told_apart() -> None:
    found = difference(heard("jazz", 0.8, 0.6), heard("blues", 0.7, 0.4))
    assert (found.other_genres, found.other_windows) == (1, 1)
    assert found.probability == pytest.approx(0.2)


def test_a_hop_too_few_is_no_small_difference() -> None:
    with pytest.raises(ValueError, match="shorter"):
        difference(heard("jazz", 0.8, 0.6), heard("jazz", 0.8))
