"""Fitting: what is found is better than the defaults where those do not fit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from genre_daemon.messages import Prediction
from genre_train.streaming.fit import (
    Faults,
    Fitted,
    faults_of_average,
    faults_of_filter,
    fit,
    fit_threshold,
)
from genre_train.streaming.hearing import Heard
from genre_train.streaming.playlists import Span
from genre_train.streaming.reliability import Judged, judge_verdicts

LABELS = ("jazz", "rock", "pop")
SONG = 40


def noisy(seed: int, songs: int = 12) -> Heard:
    """Songs whose predictions waver about the truth, and some that mislead."""
    rng = np.random.default_rng(seed)
    spans, predictions = [], []
    for song in range(songs):
        genre = (song + int(rng.integers(1, 3))) % 3 if song % 2 else song % 3
        spans.append(Span(song * SONG, (song + 1) * SONG, LABELS[genre], f"{song}"))
        heard = (genre + 1) % 3 if rng.random() < 0.2 else genre
        for second in range(SONG):
            logits = rng.normal(0, 1.2, 3) + 1.5 * (np.arange(3) == heard)
            powers = np.exp(logits)
            predictions.append(
                Prediction(
                    float(song * SONG + second),
                    (powers / powers.sum()).astype(np.float32),
                    -20.0,
                )
            )
    return Heard(tuple(spans), tuple(predictions))


@pytest.fixture(scope="module")
def found() -> Fitted:
    """What fits a few evenings."""
    return fit([noisy(seed) for seed in range(2)], LABELS)


def test_what_is_fitted_beats_raw_and_the_best_moving_average(
    found: Fitted,
) -> None:
    fresh = [noisy(seed) for seed in range(10, 14)]
    mine = faults_of_filter(fresh, LABELS, found.filter)
    for length in (1, found.average_length):
        assert mine.lead([faults_of_average(fresh, LABELS, length)]) > 0


def test_a_lead_is_the_least_of_three_over_the_best_of_the_others() -> None:
    quick, steady = Faults(0.4, 300.0, 5.0), Faults(0.3, 100.0, 8.0)
    assert Faults(0.2, 50.0, 4.0).lead([quick, steady]) == pytest.approx(0.2)
    assert Faults(0.2, 50.0, 6.0).lead([quick, steady]) == pytest.approx(-0.2)
    assert Faults(0.3, 50.0, 4.0).lead([quick, steady]) == 0.0


def test_never_to_find_the_genre_is_behind_whoever_finds_it() -> None:
    never, late = Faults(0.2, 50.0, math.inf), Faults(0.2, 50.0, 60.0)
    assert never.lead([late]) == -math.inf
    assert never.lead([never]) == 0.0
    assert Faults(0.1, 25.0, 60.0).lead([never]) == pytest.approx(0.5)


def test_fitted_confidence_is_nearer_the_share_that_is_right_than_belief(
    found: Fitted,
) -> None:
    boastful = replace(found.filter, mean_weight=0.0, belief_weight=1.0)
    fresh = [noisy(seed) for seed in range(20, 40)]
    fitted, belief = judge_verdicts(fresh, LABELS, [found.filter, boastful])
    assert fitted.calibration_error() < belief.calibration_error()
    assert fitted.log_loss() < belief.log_loss()


def test_risk_is_what_is_wrong_among_the_surest() -> None:
    judged = Judged(np.linspace(0.1, 1.0, 10), np.arange(10) >= 5)
    assert dict(judged.risk_coverage())[0.5] == 0.0
    assert dict(judged.risk_coverage())[1.0] == 0.5


def test_the_threshold_is_where_enough_is_right() -> None:
    confidence = np.linspace(0.0, 1.0, 1_001)
    right = np.arange(1_001) % 10 < 10 * confidence
    found = fit_threshold(Judged(confidence, right), 10)
    assert right[confidence >= found].mean() == pytest.approx(0.7, abs=0.02)


def test_a_sure_and_always_right_model_still_doubts_twice_chance() -> None:
    judged = Judged(np.full(9, 0.1), np.full(9, fill_value=True))
    assert fit_threshold(judged, 10) == pytest.approx(0.2)
