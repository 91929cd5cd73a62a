"""The pipeline: the same verdicts however the audio comes, on the sample clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.features.level import FLOOR_DBFS
from genre_daemon.inference.bundle import SHIPPED, Bundle, read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.messages import SILENCE, UNKNOWN, Prediction, Verdict
from genre_daemon.pipeline import Pipeline, segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 22_050


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """The shipped bundle."""
    return read_bundle(SHIPPED)


def chords(seconds: float, rate: int = RATE) -> NDArray[np.float32]:
    """A plain tune: broken chords of decaying tones over a little noise."""
    rng = np.random.default_rng(440)
    t = np.arange(round(seconds * rate)) / rate
    beat = t % 0.5
    roots = 220 * 2 ** (rng.integers(0, 12, 1_000)[(t / 0.5).astype(int)] / 12)
    tones = sum(np.sin(2 * np.pi * roots * k * t) / k for k in (1, 2, 3, 4))
    y = 0.2 * tones * np.exp(-4 * beat) + 0.01 * rng.standard_normal(t.size)
    return np.asarray(y, np.float32)


def same(got: list[Verdict], expected: list[Verdict]) -> None:
    """Assert that verdicts are equal, to the last bit of every probability."""
    assert [v.time_s for v in got] == [v.time_s for v in expected]
    assert [v.genre for v in got] == [v.genre for v in expected]
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_array_equal(
            a.prediction.probabilities, b.prediction.probabilities
        )


def hear(pipeline: Pipeline, y: NDArray[np.float32], chunk: int) -> list[Verdict]:
    """Push a signal in chunks and collect the verdicts."""
    found: list[Verdict] = []
    for start in range(0, len(y), chunk):
        found += pipeline.push(y[start : start + chunk])
    return [*found, *pipeline.finish()]


def test_a_verdict_comes_every_second_of_audio(bundle: Bundle) -> None:
    times = [v.time_s for v in hear(Pipeline(bundle, RATE), chords(60), 4_410)]
    assert times[0] == pytest.approx(5.085, abs=1e-3)
    assert len(times) == 1 + int(60 - 5.085)
    drift = np.array(times) - times[0] - np.arange(len(times))
    assert np.abs(drift).max() < 512 / RATE


@pytest.mark.parametrize("rate", [22_050, 48_000])
def test_at_once_again_after_reset_and_in_blocks_are_the_same(
    bundle: Bundle, rate: int
) -> None:
    y = chords(12, rate)
    whole = hear(Pipeline(bundle, rate), y, rate)
    assert len(whole) == 7
    again = hear(Pipeline(bundle, rate), y, rate)
    same(again, whole)
    same(hear(Pipeline(bundle, rate), y, 1_237), whole)


def test_stereo_is_heard_as_its_average(bundle: Bundle) -> None:
    y = chords(7)
    stereo = np.stack([1.5 * y, 0.5 * y], axis=1)
    same(
        hear(Pipeline(bundle, RATE), stereo, RATE),
        hear(Pipeline(bundle, RATE), y, RATE),
    )


def test_loudness_does_not_change_the_probabilities(bundle: Bundle) -> None:
    y = chords(7)
    loud = hear(Pipeline(bundle, RATE), y, RATE)
    soft = hear(Pipeline(bundle, RATE), 0.1 * y, RATE)
    for a, b in zip(loud, soft, strict=True):
        np.testing.assert_allclose(
            a.prediction.probabilities, b.prediction.probabilities, atol=0.05
        )
    assert soft[0].prediction.level_dbfs == pytest.approx(
        loud[0].prediction.level_dbfs - 20, abs=0.01
    )


def test_nothing_spans_a_gap(bundle: Bundle) -> None:
    y = chords(20)
    pipeline = Pipeline(bundle, RATE)
    before = list(pipeline.push(y[: 4 * RATE]))
    pipeline.skip(3.0)
    after = list(pipeline.push(y[7 * RATE :]))
    assert before == []
    fresh = list(Pipeline(bundle, RATE).push(y[7 * RATE :]))
    np.testing.assert_array_equal(
        after[0].prediction.probabilities, fresh[0].prediction.probabilities
    )
    # The clock went on: four seconds heard, three lost, then a window.
    assert after[0].time_s == pytest.approx(7 + 5.085, abs=1e-3)


@pytest.mark.parametrize("lost_s", [0.0, 3.0, 60.0])
def test_what_was_said_before_a_gap_is_not_said_again_after_it(
    bundle: Bundle, lost_s: float
) -> None:
    y = chords(20)
    pipeline = Pipeline(bundle, RATE)
    assert len(list(pipeline.push(y[: 6 * RATE]))) == 1
    pipeline.skip(lost_s)
    after = list(pipeline.push(y[10 * RATE : 17 * RATE]))
    fresh = list(Pipeline(bundle, RATE).push(y[10 * RATE : 17 * RATE]))
    assert len(after) == len(fresh) == 2
    for found, expected in zip(after, fresh, strict=True):
        np.testing.assert_array_equal(
            found.prediction.probabilities, expected.prediction.probabilities
        )


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 4_000), min_size=2, max_size=6),
    lost_s=st.floats(0.01, 30.0),
    cut=st.integers(1, 3_000),
)
def test_no_frame_and_no_sample_spans_any_gap(
    bundle: Bundle, lengths: list[int], lost_s: float, cut: int
) -> None:
    # Full scale before each gap and silence behind the last: a frame that held one
    # sample from before it would stand out by a hundred decibels.
    pipeline = Pipeline(bundle, 44_100)
    for length in lengths:
        list(pipeline.push(np.ones(length, np.float32)))
        pipeline.skip(lost_s)
    silence = np.zeros(30_000, np.float32)
    for start in range(0, len(silence), cut):
        list(pipeline.push(silence[start : start + cut]))
    frames = pipeline._patches.frames
    assert len(frames) > 0
    assert (frames == frames.min()).all()
    assert pipeline._meter.dbfs == FLOOR_DBFS


def test_hops_not_judged_are_counted_and_leave_no_trace(bundle: Bundle) -> None:
    y = chords(10)
    whole = list(Pipeline(bundle, RATE).push(y))
    pipeline = Pipeline(bundle, RATE)
    assert list(pipeline.push(y[: 8 * RATE], judge=False)) == []
    assert pipeline.dropped_hops == 3
    found = list(pipeline.push(y[8 * RATE :]))
    assert [v.time_s for v in found] == [v.time_s for v in whole[3:]]
    np.testing.assert_array_equal(
        found[0].prediction.probabilities, whole[3].prediction.probabilities
    )


def test_a_gap_longer_than_a_patch_is_an_end(bundle: Bundle) -> None:
    y = chords(16)
    short, long = Pipeline(bundle, RATE), Pipeline(bundle, RATE)
    for pipeline, lost_s in ((short, 4.0), (long, 3_600.0)):
        list(pipeline.push(y[: 8 * RATE]))
        pipeline.skip(lost_s)
    (after,) = list(long.push(y[8 * RATE : 14 * RATE]))
    assert after.since_s == after.time_s > 3_600.0
    assert next(short.push(y[8 * RATE : 14 * RATE])).since_s < 8.0


def test_after_silence_a_chunk_without_it_is_the_first_to_be_named(
    bundle: Bundle,
) -> None:
    pipeline = Pipeline(bundle, RATE)
    pipeline.smoother.threshold = 0.0  # however unsure
    said = hear(pipeline, np.append(np.zeros(8 * RATE, np.float32), chords(9)), RATE)
    after = next(i for i, verdict in enumerate(said) if verdict.genre != SILENCE)
    assert [said[after + hop].genre for hop in range(2)] == [UNKNOWN, UNKNOWN]
    # That chunk alone, as if there had been no silence before it.
    chunks = said[after + 2].prediction.chunks
    assert chunks is not None
    assert said[after + 2].genre == pipeline.labels[chunks[-1].argmax()]


def test_a_classifier_is_shared_and_gives_what_one_of_its_own_gives(
    bundle: Bundle,
) -> None:
    shared = Classifier(bundle)
    rooms = Pipeline(shared, RATE), Pipeline(shared, RATE)
    pieces = chords(8), chords(8)[::-1].copy()
    found: tuple[list[Verdict], list[Verdict]] = ([], [])
    for start in range(0, 8 * RATE, RATE):
        for room, piece, heard in zip(rooms, pieces, found, strict=True):
            heard.extend(room.push(piece[start : start + RATE]))
    for piece, heard in zip(pieces, found, strict=True):
        same(heard, list(Pipeline(bundle, RATE).push(piece)))


def test_shorter_than_a_patch_is_judged_as_a_loop(bundle: Bundle) -> None:
    found = hear(Pipeline(bundle, RATE), chords(2), RATE)
    assert [v.time_s for v in found] == [2.0]


def test_shorter_than_a_frame_gives_nothing(bundle: Bundle) -> None:
    assert hear(Pipeline(bundle, RATE), chords(0.09), RATE) == []


def verdict(time_s: float, genre: str, confidence: float) -> Verdict:
    """A verdict out of thin air."""
    p = np.zeros(2, np.float32)
    return Verdict(genre, confidence, 0.0, p, Prediction(time_s, p, -20.0))


def test_segments_cover_the_recording_without_a_gap() -> None:
    said = [("jazz", 0.5), ("jazz", 0.7), ("pop", 0.9), ("jazz", 0.4)]
    verdicts = [verdict(5.0 + i, *words) for i, words in enumerate(said)]
    found = segments(verdicts, 9.5)
    assert [(s.start_s, s.end_s, s.genre) for s in found] == [
        (0.0, 6.0, "jazz"),
        (6.0, 7.0, "pop"),
        (7.0, 9.5, "jazz"),
    ]
    assert [s.confidence for s in found] == pytest.approx([0.6, 0.9, 0.4])


def test_no_verdicts_no_segments() -> None:
    assert segments([], 1.0) == []
