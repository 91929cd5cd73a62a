"""Streaming figures on verdicts whose worth can be told by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.messages import NO_MUSIC, SILENCE, UNKNOWN
from genre_train.streaming.figures import figures
from genre_train.streaming.playlists import EITHER, Span
from genre_train.streaming.score import score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genre_train.streaming.score import SpanScore

LABELS = ("jazz", "rock")


def scored(
    spans: Sequence[tuple[float, str]],
    words: Sequence[str],
    labels: Sequence[str] = LABELS,
) -> list[SpanScore]:
    """Score words said at 0, 1, 2 ... s over spans given by their length and label."""
    ends = np.cumsum([length for length, _ in spans]).tolist()
    starts = [0.0, *ends[:-1]]
    truth = [
        Span(start, end, label, f"{number}")
        for number, (start, end, (_, label)) in enumerate(
            zip(starts, ends, spans, strict=True)
        )
    ]
    return score(truth, np.arange(len(words), dtype=float), words, labels)


def test_the_second_of_a_change_counts_in_its_parts() -> None:
    jazz, rock = scored([(2.5, "jazz"), (2.5, "rock")], ["jazz"] * 3 + ["rock"] * 2)
    assert (jazz.right_s, jazz.seconds) == (2.5, 2.5)
    assert (rock.right_s, rock.seconds) == (2.0, 2.5)


def test_nothing_is_scored_before_the_first_verdict() -> None:
    late = score([Span(0, 9, "jazz", "a")], np.array([5.0, 6.0]), ["jazz"] * 2, LABELS)
    assert late[0].seconds == 4.0


def test_a_switch_is_wrong_if_the_word_it_leads_to_is() -> None:
    words = ["jazz", "rock", "jazz", "jazz", UNKNOWN, "jazz", "rock", "rock"]
    jazz, rock = scored([(6, "jazz"), (2, "rock")], words)
    assert (jazz.switches, jazz.wrong_switches) == (4, 2)
    assert (rock.switches, rock.wrong_switches) == (1, 0)


def test_unknown_over_music_is_not_right_but_not_named_either() -> None:
    (jazz,) = scored([(4, "jazz")], ["jazz", UNKNOWN, UNKNOWN, "rock"])
    assert (jazz.right_s, jazz.named_s) == (1.0, 2.0)


def test_either_word_will_do_in_a_cross_fade_but_no_third() -> None:
    labels = (*LABELS, "pop")
    words = ["jazz"] * 3 + ["rock", "jazz", "pop"] + ["rock"] * 3
    _, fade, _ = scored([(3, "jazz"), (3, EITHER), (3, "rock")], words, labels)
    assert fade.seconds == 0.0
    assert (fade.switches, fade.wrong_switches) == (3, 1)


@pytest.mark.parametrize(
    ("labels", "word", "right"),
    [
        ((*LABELS, NO_MUSIC), NO_MUSIC, True),
        ((*LABELS, NO_MUSIC), SILENCE, True),
        ((*LABELS, NO_MUSIC), UNKNOWN, False),
        (LABELS, UNKNOWN, True),
        (LABELS, "jazz", False),
    ],
)
def test_what_may_be_said_of_speech(
    labels: tuple[str, ...], word: str, *, right: bool
) -> None:
    (speech,) = scored([(5, NO_MUSIC)], [word] * 5, labels)
    assert (speech.right_s == 5.0) is right


def test_a_genre_is_found_when_it_holds() -> None:
    words = ["jazz"] * 3 + ["jazz", "rock", "jazz"] + ["rock"] * 6
    _, rock = scored([(3.5, "jazz"), (8.5, "rock")], words)
    assert (rock.touched_s, rock.found_s) == (0.5, 2.5)


def test_a_genre_that_never_holds_is_never_found() -> None:
    words = ["jazz"] * 3 + ["rock", "jazz"] * 4
    _, rock = scored([(3, "jazz"), (8, "rock")], words)
    assert rock.touched_s == 0.0
    assert math.isinf(rock.found_s)


def test_figures_of_a_playlist() -> None:
    words = ["jazz"] * 10 + ["jazz"] * 2 + ["rock"] * 8
    found = figures("test", [scored([(10, "jazz"), (10, "rock")], words)])
    assert found.accuracy.value == pytest.approx(0.9)
    assert found.median_s.value == 2.0
    assert found.wrong_switches.value == 0.0
    assert found.coverage.value == 1.0
    assert found.risk.value == pytest.approx(0.1)
    assert found.accuracy.low <= 0.9 <= found.accuracy.high


def test_never_is_the_90th_percentile_where_one_song_in_five_is_not_found() -> None:
    songs = [(10.0, ("jazz", "rock")[i % 2]) for i in range(6)]
    words = [label for _, label in songs for _ in range(10)]
    words[50:] = ["jazz"] * 10  # the last of five changes
    found = figures("test", [scored(songs, words)])
    assert found.median_s.value == 0.0
    assert math.isinf(found.p90_s.value)
    assert found.never.value == pytest.approx(0.2)
    assert found.p90_s.to_json()["value"] is None
