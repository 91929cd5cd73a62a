"""Smoothing: steady verdicts, honest confidence, silence with hysteresis."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.messages import NO_MUSIC, SILENCE, UNKNOWN, Prediction, Verdict
from genre_daemon.probabilities import softmax
from genre_daemon.smoothing import FilterSettings, Smoother, SmoothingSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LABELS = ("jazz", "metal", "pop", NO_MUSIC)
LOUD, QUIET = -20.0, -80.0


class Listener:
    """Feeds a smoother one prediction a second."""

    def __init__(
        self,
        settings: SmoothingSettings | None = None,
        labels: Sequence[str] = LABELS,
    ) -> None:
        self.smoother = Smoother(labels, settings)
        self._seconds: Iterator[int] = count(1)

    def hear(
        self, probabilities: Sequence[float], times: int = 1, level: float = LOUD
    ) -> Verdict:
        """Return the verdict after the same prediction came ``times`` times."""
        for _ in range(times):
            verdict = self.smoother.push(
                Prediction(
                    time_s=float(next(self._seconds)),
                    probabilities=np.array(probabilities, np.float32),
                    level_dbfs=level,
                )
            )
        return verdict

    def hear_chunks(self, *chunks: Sequence[float]) -> Verdict:
        """Return the verdict after a patch of chunks, the oldest first."""
        logits = np.log(np.array(chunks, np.float32))
        return self.smoother.push(
            Prediction(
                time_s=float(next(self._seconds)),
                probabilities=softmax(logits.mean(axis=0)),
                level_dbfs=LOUD,
                chunks=logits,
            )
        )


JAZZ = (0.85, 0.05, 0.05, 0.05)
METAL = (0.05, 0.85, 0.05, 0.05)
TALK = (0.02, 0.02, 0.02, 0.94)
UNSURE = (0.3, 0.3, 0.3, 0.1)


# Confidence that is the plain mean of the predictions, so that it is easily told.
PLAIN = FilterSettings(stay=0.99, evidence=1.0, mean_weight=1.0, belief_weight=0.0)


def plain(threshold: float = 0.4, margin: float = 0.05) -> SmoothingSettings:
    return SmoothingSettings(PLAIN, threshold=threshold, threshold_margin=margin)


def test_first_prediction_is_named_at_once() -> None:
    verdict = Listener(plain()).hear(JAZZ)
    assert (verdict.genre, verdict.since_s) == ("jazz", 1.0)
    assert verdict.confidence == pytest.approx(0.85)
    assert verdict.music is True


def test_confidence_is_the_mean_probability_of_what_is_named() -> None:
    listener = Listener(plain())
    listener.hear(JAZZ)
    verdict = listener.hear((0.65, 0.25, 0.05, 0.05))
    assert verdict.confidence == pytest.approx(0.75)
    np.testing.assert_allclose(verdict.probabilities, [0.75, 0.15, 0.05, 0.05])


def test_weights_make_confidence_bolder_or_meeker() -> None:
    meek = Listener(SmoothingSettings(FilterSettings(mean_weight=0.5)))
    bold = Listener(SmoothingSettings(FilterSettings(mean_weight=2.0)))
    assert meek.hear(JAZZ).confidence < 0.85 < bold.hear(JAZZ).confidence


def test_a_new_song_is_not_averaged_with_the_old() -> None:
    listener = Listener(plain())
    listener.hear(JAZZ, times=60)
    verdict = listener.hear(METAL)
    while verdict.genre != "metal":
        verdict = listener.hear(METAL)
    assert verdict.confidence == pytest.approx(0.85)


# Without the change detector, so that the filter is heard by itself.
STICKY = SmoothingSettings(FilterSettings(drop=1e6))


def test_an_unsure_prediction_weighs_less_than_a_sure_one() -> None:
    def hops_to_metal(probabilities: Sequence[float]) -> int:
        listener = Listener(STICKY)
        listener.hear(JAZZ, times=30)
        return next(
            n for n in range(1, 100) if listener.hear(probabilities).genre == "metal"
        )

    # The same odds of metal against jazz in both.
    assert hops_to_metal((0.08, 0.8, 0.06, 0.06)) < hops_to_metal(
        (0.04, 0.4, 0.28, 0.28)
    )


def test_the_filter_by_itself_outlives_an_odd_prediction_but_not_a_new_song() -> None:
    listener = Listener(STICKY)
    listener.hear(JAZZ, times=60)
    after = next(n for n in range(1, 60) if listener.hear(METAL).genre == "metal")
    assert 2 <= after <= 6
    assert listener.hear(METAL).since_s == 60.0 + after


def test_a_prediction_that_leaves_the_genre_possible_changes_nothing() -> None:
    listener = Listener()
    listener.hear(JAZZ, times=20)
    verdict = listener.hear((0.25, 0.65, 0.05, 0.05))
    assert (verdict.genre, verdict.since_s) == ("jazz", 1.0)


def test_a_song_is_over_when_its_genre_is_suddenly_much_less_probable() -> None:
    listener, fresh = Listener(), Listener()
    listener.hear(JAZZ, times=60)
    verdict = listener.hear(METAL)
    assert (verdict.genre, verdict.since_s) == ("metal", 61.0)
    assert verdict.confidence == fresh.hear(METAL).confidence
    np.testing.assert_array_equal(
        listener.smoother.belief.belief, fresh.smoother.belief.belief
    )


def test_how_much_less_is_a_setting() -> None:
    def genre_after_a_drop_to_a_fifth(drop: float) -> str:
        listener = Listener(SmoothingSettings(FilterSettings(drop=drop)))
        listener.hear(JAZZ, times=60)
        return listener.hear((0.17, 0.53, 0.2, 0.1)).genre

    assert genre_after_a_drop_to_a_fifth(4.0) == "metal"
    assert genre_after_a_drop_to_a_fifth(6.0) == "jazz"


def test_a_song_is_over_when_its_latest_two_chunks_say_so() -> None:
    listener = Listener(plain())
    listener.hear_chunks(JAZZ, JAZZ, JAZZ, JAZZ)
    # As a whole, both of these patches are still jazz, or at least no other genre.
    assert listener.hear_chunks(JAZZ, JAZZ, JAZZ, METAL).genre == "jazz"
    verdict = listener.hear_chunks(JAZZ, JAZZ, METAL, METAL)
    assert (verdict.genre, verdict.since_s) == ("metal", 3.0)


def test_of_a_new_song_only_the_chunks_since_the_change_are_heard() -> None:
    listener = Listener(plain())
    listener.hear_chunks(JAZZ, JAZZ, JAZZ, JAZZ)
    brass = (0.6, 0.1, 0.2, 0.1)
    listener.hear_chunks(JAZZ, JAZZ, brass, METAL)
    pop = (0.02, 0.1, 0.83, 0.05)
    # The newest chunk alone, then the newest two: none of the metal before.
    newest = listener.hear_chunks(JAZZ, brass, METAL, pop)
    assert newest.confidence == pytest.approx(0.83)
    verdict = listener.hear_chunks(brass, METAL, pop, pop)
    assert verdict.genre == "pop"
    assert verdict.confidence == pytest.approx(0.83)


def test_one_odd_chunk_does_not_end_a_song() -> None:
    listener = Listener(plain())
    listener.hear_chunks(JAZZ, JAZZ, JAZZ, JAZZ)
    said = [
        listener.hear_chunks(JAZZ, JAZZ, JAZZ, UNSURE),
        listener.hear_chunks(JAZZ, JAZZ, UNSURE, JAZZ),
        listener.hear_chunks(JAZZ, UNSURE, JAZZ, JAZZ),
    ]
    assert {(verdict.genre, verdict.since_s) for verdict in said} == {("jazz", 1.0)}


def test_once_the_old_song_has_left_the_patch_the_whole_patch_is_heard() -> None:
    forgetful = SmoothingSettings(replace(PLAIN, memory=1.0))
    listener, fresh = Listener(forgetful), Listener(forgetful)
    listener.hear_chunks(JAZZ, JAZZ, JAZZ, JAZZ)
    for old in (3, 2, 1, 0):
        mixed = [JAZZ] * old + [METAL] * (4 - old)
        listener.hear_chunks(*mixed)
    wavering = ((0.3, 0.5, 0.1, 0.1), METAL, (0.2, 0.6, 0.1, 0.1), METAL)
    heard, alone = listener.hear_chunks(*wavering), fresh.hear_chunks(*wavering)
    assert (heard.genre, heard.confidence) == ("metal", alone.confidence)


def test_a_patch_of_one_chunk_tells_by_itself_that_a_song_is_over() -> None:
    listener = Listener(plain())
    listener.hear_chunks(JAZZ)
    assert listener.hear_chunks(METAL).genre == "metal"


def test_unsure_predictions_are_unknown() -> None:
    verdict = Listener(plain(threshold=0.5)).hear(UNSURE, times=5)
    assert verdict.genre == UNKNOWN
    assert verdict.confidence == pytest.approx(0.3)
    assert verdict.music is True


def test_a_named_genre_is_kept_a_little_under_the_threshold() -> None:
    forgetful = replace(PLAIN, memory=1.0)
    settings = SmoothingSettings(forgetful, threshold=0.5, threshold_margin=0.1)
    listener = Listener(settings)
    assert listener.hear((0.45, 0.35, 0.1, 0.1)).genre == UNKNOWN
    assert listener.hear((0.55, 0.25, 0.1, 0.1)).genre == "jazz"
    assert listener.hear((0.45, 0.35, 0.1, 0.1)).genre == "jazz"
    assert listener.hear((0.35, 0.35, 0.2, 0.1)).genre == UNKNOWN


def test_the_threshold_may_be_moved_while_running() -> None:
    listener = Listener(plain(threshold=0.5))
    assert listener.hear(JAZZ).genre == "jazz"
    listener.smoother.threshold = 0.95
    assert listener.hear(JAZZ).genre == UNKNOWN
    listener.smoother.threshold = 0.5
    assert listener.hear(JAZZ).genre == "jazz"


def test_talk_is_no_music_even_when_unsure() -> None:
    verdict = Listener(SmoothingSettings(threshold=0.99)).hear(TALK, times=3)
    assert (verdict.genre, verdict.music) == (NO_MUSIC, False)


def test_silence_needs_two_quiet_hops_and_a_margin_to_end() -> None:
    listener = Listener(SmoothingSettings(silence_dbfs=-65.0, silence_margin_db=5.0))
    listener.hear(JAZZ, times=3)
    assert listener.hear(JAZZ, level=-70.0).genre == "jazz"
    silent = listener.hear(JAZZ, level=-70.0)
    assert (silent.genre, silent.confidence, silent.music) == (SILENCE, 1.0, False)
    assert listener.hear(JAZZ, level=-62.0).genre == SILENCE
    assert listener.hear(JAZZ, level=-59.0).genre == UNKNOWN


def test_a_quiet_start_is_silence_at_once() -> None:
    assert Listener().hear(JAZZ, level=QUIET).genre == SILENCE


def test_silence_wipes_the_memory_of_the_last_song() -> None:
    listener = Listener()
    listener.hear(JAZZ, times=60)
    listener.hear(JAZZ, times=3, level=QUIET)
    listener.hear(JAZZ, times=SmoothingSettings.settle_hops)
    assert listener.hear(METAL).genre == "metal"


def test_after_silence_only_chunks_without_it_are_heard() -> None:
    listener = Listener(SmoothingSettings(PLAIN, settle_hops=2))
    listener.hear(JAZZ, times=2, level=QUIET)
    assert listener.hear_chunks(JAZZ, JAZZ, JAZZ, TALK).genre == UNKNOWN
    assert listener.hear_chunks(JAZZ, JAZZ, TALK, TALK).genre == UNKNOWN
    verdict = listener.hear_chunks(JAZZ, TALK, TALK, METAL)
    assert verdict.genre == "metal"
    assert verdict.confidence == pytest.approx(0.85)


def test_patches_that_still_hold_silence_name_nothing() -> None:
    listener = Listener(SmoothingSettings(settle_hops=4))
    listener.hear(JAZZ, level=QUIET)
    settling = [listener.hear(METAL) for _ in range(4)]
    assert {verdict.genre for verdict in settling} == {UNKNOWN}
    assert all(verdict.music for verdict in settling)
    named = listener.hear(JAZZ)
    assert named.genre == "jazz"
    assert named.confidence == listener_after_reset().hear(JAZZ).confidence


def listener_after_reset() -> Listener:
    """A listener that heard something else before it forgot."""
    listener = Listener()
    listener.hear(METAL, times=9)
    listener.smoother.reset()
    return listener


def test_reset_is_a_fresh_start() -> None:
    listener, fresh = Listener(), Listener()
    listener.hear(JAZZ, times=60)
    listener.smoother.reset()
    used, new = listener.hear(METAL), fresh.hear(METAL)
    assert (used.genre, used.confidence) == (new.genre, new.confidence)
    np.testing.assert_array_equal(used.probabilities, new.probabilities)


def test_talk_over_a_song_does_not_end_it() -> None:
    listener = Listener()
    listener.hear(JAZZ, times=60)
    muddled = (0.35, 0.1, 0.1, 0.45)
    assert {listener.hear(muddled).genre for _ in range(8)} == {"jazz"}


def test_talk_between_two_songs_is_no_music_and_then_forgotten() -> None:
    listener = Listener()
    listener.hear(JAZZ, times=60)
    said = [listener.hear(TALK).genre for _ in range(20)]
    assert said.index(NO_MUSIC) <= 5
    assert set(said[said.index(NO_MUSIC) :]) == {NO_MUSIC}
    assert [listener.hear(METAL).genre for _ in range(6)][-1] == "metal"


def test_a_pause_of_one_hop_between_songs_goes_unnoticed() -> None:
    listener = Listener()
    listener.hear(JAZZ, times=60)
    assert listener.hear(JAZZ, level=QUIET).genre == "jazz"
    assert listener.hear(JAZZ).genre == "jazz"


def test_a_constant_prediction_is_believed_more_and_more() -> None:
    listener = Listener()
    beliefs = []
    for _ in range(60):
        listener.hear(JAZZ)
        beliefs.append(float(listener.smoother.belief.belief[0]))
    assert beliefs == sorted(beliefs)
    assert beliefs[-1] > 0.99
    assert beliefs[-1] == pytest.approx(beliefs[-2], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stay", 0.1),
        ("stay", 1.0),
        ("evidence", float("nan")),
        ("drop", 0.5),
        ("memory", 0.5),
    ],
)
def test_numbers_that_make_no_sense_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be"):
        FilterSettings(**{name: value})


_SCORES = st.lists(st.floats(0.0, 1.0, width=32), min_size=4, max_size=4).filter(
    lambda scores: sum(scores) > 0.1
)


@settings(deadline=None)
@given(st.lists(st.tuples(_SCORES, st.floats(-120.0, 0.0)), min_size=1, max_size=40))
def test_whatever_comes_the_verdict_is_well_formed(
    heard: list[tuple[list[float], float]],
) -> None:
    listener = Listener()
    since, genre = 0.0, ""
    for second, (scores, level) in enumerate(heard, start=1):
        verdict = listener.hear([s / sum(scores) for s in scores], level=level)
        assert verdict.genre in {*LABELS, UNKNOWN, SILENCE}
        assert 0.0 <= verdict.confidence <= 1.0
        assert verdict.probabilities.sum() == pytest.approx(1.0, abs=1e-4)
        assert verdict.since_s == (since if verdict.genre == genre else float(second))
        since, genre = verdict.since_s, verdict.genre


@settings(deadline=None)
@given(st.lists(_SCORES, min_size=1, max_size=30), st.permutations(range(4)))
def test_other_names_and_another_order_give_the_same_verdicts(
    heard: list[list[float]], order: list[int]
) -> None:
    usual = Listener(labels=("a", "b", "c", "d"))
    other = Listener(labels=[("w", "x", "y", "z")[i] for i in order])
    names = dict(zip("abcd", "wxyz", strict=True)) | {UNKNOWN: UNKNOWN}
    for scores in heard:
        values = [score / sum(scores) for score in scores]
        # A tie is decided by the order of the labels, which is another here.
        if np.unique(np.array(values, np.float32)).size < 4:
            continue
        one = usual.hear(values)
        two = other.hear([values[i] for i in order])
        belief = usual.smoother.belief.belief
        assert belief.sum() == pytest.approx(1.0)
        np.testing.assert_allclose(other.smoother.belief.belief, belief[order])
        if np.diff(np.sort(belief))[-1] > 1e-9:
            assert names[one.genre] == two.genre
            assert one.confidence == pytest.approx(two.confidence)
