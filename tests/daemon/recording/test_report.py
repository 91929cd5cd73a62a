"""The report of a recording."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from rich.console import Console

from genre_daemon.errors import AudioError
from genre_daemon.inference.bundle import SHIPPED, Bundle, read_bundle
from genre_daemon.messages import NO_MUSIC, SILENCE, UNKNOWN, Segment
from genre_daemon.recording.report import FileReport, classify_file, overall, render
from genre_daemon.sources import styles
from genre_daemon.sources.synth import RATE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """The shipped bundle."""
    return read_bundle(SHIPPED)


@pytest.fixture(scope="module")
def piece(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of silence, and a piece of the demo."""
    path = tmp_path_factory.mktemp("music") / "piece.flac"
    silence = np.zeros(8 * RATE, np.float32)
    soundfile.write(path, np.concatenate((silence, styles.render(0))), RATE)
    return path


@pytest.fixture(scope="module")
def report(piece: Path, bundle: Bundle) -> FileReport:
    """What is heard in it."""
    return classify_file(piece, bundle)


def text(report: FileReport, *, windows: bool = False) -> str:
    """Return what a person sees."""
    console = Console(file=io.StringIO(), width=100)
    console.print(render(report, windows=windows))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_there_is_a_prediction_a_hop_from_the_first_window_on(
    report: FileReport, bundle: Bundle
) -> None:
    spec = bundle.info.spec
    times = [prediction.time_s for prediction in report.predictions]

    assert report.duration_s == 28.0
    assert len(times) == 1 + int((28.0 - spec.patch_s) / spec.hop_s)
    assert np.allclose(np.diff(times), spec.hop_s, atol=spec.hop_length / RATE)


def test_segments_cover_the_recording_and_begin_with_its_silence(
    report: FileReport,
) -> None:
    parts = report.segments

    assert parts[0].genre == SILENCE
    assert (parts[0].start_s, parts[-1].end_s) == (0.0, 28.0)
    assert [p.end_s for p in parts[:-1]] == [p.start_s for p in parts[1:]]


def test_a_silent_intro_does_not_decide(report: FileReport) -> None:
    assert report.genre != SILENCE


def test_the_json_is_that_of_the_design(report: FileReport) -> None:
    answer = json.loads(json.dumps(report.to_json(), allow_nan=False))

    assert list(answer) == ["path", "duration_s", "genre", "confidence", "segments"]
    for segment in answer["segments"]:
        assert list(segment) == ["start_s", "end_s", "genre", "confidence"]


def test_windows_add_every_prediction_to_the_json(
    report: FileReport, bundle: Bundle
) -> None:
    windows = report.to_json(windows=True)["windows"]

    assert len(windows) == len(report.predictions)
    last = windows[-1]
    assert set(last["probabilities"]) == set(bundle.info.labels)
    assert sum(last["probabilities"].values()) == pytest.approx(1.0, abs=1e-3)
    assert last["confidence"] == max(last["probabilities"].values())
    assert last["confidence"] == last["probabilities"][last["genre"]]


def test_the_table_names_the_file_its_length_and_its_segments(
    report: FileReport,
) -> None:
    lines = text(report).splitlines()

    assert "piece.flac" in lines[0] + lines[1]
    assert "0:28.0" in text(report)
    assert report.genre in text(report)
    assert len(lines) >= 2 + len(report.segments)
    assert len(text(report, windows=True).splitlines()) > len(lines) + 20


def test_shorter_than_a_window_is_answered_from_what_there_is_and_said_so(
    tmp_path: Path, bundle: Bundle
) -> None:
    soundfile.write(tmp_path / "short.wav", styles.render(0)[: 2 * RATE], RATE)

    report = classify_file(tmp_path / "short.wav", bundle)

    assert report.partial
    assert len(report.predictions) == 1
    assert report.to_json()["partial"] is True
    assert [(s.start_s, s.end_s) for s in report.segments] == [(0.0, 2.0)]
    assert "Shorter than one window: judged from what there is" in text(report)


def test_a_whole_window_is_not_called_partial(report: FileReport) -> None:
    assert not report.partial
    assert "partial" not in report.to_json()
    assert "Shorter" not in text(report)


def test_shorter_than_a_frame_is_refused(tmp_path: Path, bundle: Bundle) -> None:
    soundfile.write(tmp_path / "click.wav", np.zeros(1_000, np.float32), RATE)

    with pytest.raises(AudioError, match=r"0\.045 s, .*too short.*0\.093 s are needed"):
        classify_file(tmp_path / "click.wav", bundle)


def test_progress_is_told_in_seconds_heard(piece: Path, bundle: Bundle) -> None:
    told: list[float] = []
    classify_file(piece, bundle, told.append)

    assert told == [float(second) for second in range(1, 29)]


def part(genre: str, length_s: float, confidence: float = 0.5) -> Segment:
    """Return a segment of a length; where it lies does not matter."""
    return Segment(0.0, length_s, genre, confidence)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([part(SILENCE, 60), part("jazz", 20)], "jazz"),
        ([part(SILENCE, 60)], SILENCE),
        ([part(SILENCE, 60), part(UNKNOWN, 5)], UNKNOWN),
        ([part(UNKNOWN, 60), part("jazz", 20)], "jazz"),
        ([part("rock", 30), part("jazz", 20), part("rock", 1)], "rock"),
        ([part("jazz", 12), part("rock", 10), part("jazz", 1)], "jazz"),
        ([part(NO_MUSIC, 300), part("pop", 20)], NO_MUSIC),
        ([part(NO_MUSIC, 20), part("pop", 15), part(UNKNOWN, 10)], "pop"),
        ([part(NO_MUSIC, 20), part(SILENCE, 100)], NO_MUSIC),
    ],
)
def test_the_one_word_is_what_a_person_would_say(
    parts: list[Segment], expected: str
) -> None:
    assert overall(parts)[0] == expected


def test_longer_segments_count_more_in_the_confidence() -> None:
    parts = [part("jazz", 30, 0.9), part("rock", 5, 0.1), part("jazz", 10, 0.5)]

    genre, confidence = overall(parts)

    assert genre == "jazz"
    assert confidence == pytest.approx(0.8)
