"""The words of a node's messages."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pytest

from genre_daemon.display.heard import parse_state, parse_telemetry
from genre_daemon.messages import Prediction, Verdict
from genre_daemon.node.report import Report, telemetry, timestamp

LABELS = ("jazz", "rock")
NOON = datetime.fromisoformat("2026-01-02T12:00:00+00:00").timestamp()


def verdict(genre: str, time_s: float, since_s: float) -> Verdict:
    """Return a verdict at 0.75."""
    both = np.array([0.75, 0.25], np.float32)
    return Verdict(genre, 0.75, since_s, both, Prediction(time_s, both, -20.0))


def test_nothing_is_known_at_first() -> None:
    report = Report("m-1", LABELS)
    assert (report.state, report.genre) == ("", "")


def test_a_state_says_what_the_display_reads() -> None:
    report = Report("m-1", LABELS)
    assert report.push(verdict("jazz", 60.0, 50.0), NOON) == ""
    heard = parse_state(report.state, retained=False, now_s=NOON)
    assert heard is not None
    assert (heard.genre, heard.confidence, heard.music) == ("jazz", 0.75, True)
    assert heard.since_s == NOON - 10.0
    assert heard.probabilities == (("jazz", 0.75), ("rock", 0.25))
    assert (heard.model, heard.sequence, heard.delay_s) == ("m-1", 1, 0.0)
    assert report.genre == "jazz"


def test_a_change_is_an_event_with_its_time() -> None:
    report = Report("m-1", LABELS)
    report.push(verdict("jazz", 1.0, 1.0), NOON)
    assert report.push(verdict("jazz", 2.0, 1.0), NOON + 1) == ""
    event = json.loads(report.push(verdict("silence", 3.0, 3.0), NOON + 2.5))
    assert event == {
        "event_type": "genre_changed",
        "from": "jazz",
        "to": "silence",
        "confidence": 0.75,
        "time": "2026-01-02T12:00:02.500Z",
    }


def test_the_beginning_of_a_genre_does_not_drift() -> None:
    report = Report("m-1", LABELS)
    report.push(verdict("jazz", 1.0, 1.0), NOON)
    first = json.loads(report.state)["since"]
    report.push(verdict("jazz", 2.0, 1.0), NOON + 1.07)  # the hop came late
    assert json.loads(report.state)["since"] == first


@pytest.mark.parametrize("step_s", [86_400.0, -3_600.0])
def test_when_the_wall_clock_is_set_the_beginning_is_told_anew(step_s: float) -> None:
    # A clock cannot be set in a test without disturbing the machine: the time comes
    # in from outside, so it is simply another.
    report = Report("m-1", LABELS)
    for second in range(60):
        report.push(verdict("jazz", second, 0.0), NOON + second)
    for second in range(60, 120):
        report.push(verdict("jazz", second, 0.0), NOON + step_s + second)
        assert json.loads(report.state)["since"] == timestamp(NOON + step_s)


def test_after_a_long_gap_the_same_genre_has_begun_anew() -> None:
    report = Report("m-1", LABELS)
    report.push(verdict("jazz", 5.0, 5.0), NOON)
    report.push(verdict("jazz", 7_205.0, 7_205.0), NOON + 7_200.0)
    assert json.loads(report.state)["since"] == timestamp(NOON + 7_200.0)


def test_after_a_reset_nothing_is_known_and_nothing_has_changed() -> None:
    report = Report("m-1", LABELS)
    report.push(verdict("jazz", 1.0, 1.0), NOON)
    report.reset()
    assert report.state == ""
    assert report.push(verdict("rock", 9.0, 9.0), NOON + 8) == ""


def test_probabilities_must_be_as_many_as_labels() -> None:
    with pytest.raises(ValueError, match="longer"):
        Report("m-1", ("jazz",)).push(verdict("jazz", 1.0, 1.0), NOON)


def test_a_prediction_and_telemetry() -> None:
    report = Report("m-1", LABELS)
    payload = json.loads(report.prediction(verdict("jazz", 1.0, 1.0), NOON))
    assert payload["probabilities"] == {"jazz": 0.75, "rock": 0.25}
    figures = parse_telemetry(telemetry({"level_dbfs": -20.0, "overflows": 3}, NOON))
    assert figures is not None
    assert (figures.level_dbfs, figures.overflows) == (-20.0, 3)


def test_times_are_rfc_3339_in_utc() -> None:
    assert timestamp(NOON + 0.0614) == "2026-01-02T12:00:00.061Z"
