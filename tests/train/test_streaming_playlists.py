"""Playlists: what is heard is what the truth says, and a seed repeats it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from genre_daemon.messages import NO_MUSIC
from genre_train.streaming.playlists import (
    EITHER,
    PlaylistSettings,
    Recording,
    Span,
    draw_playlist,
)

RATE = 1_000
SHORT = PlaylistSettings(
    songs=8,
    song_s=(6.0, 9.0),
    fade_s=(1.0, 2.0),
    talk_s=(3.0, 4.0),
    voice_s=(1.0, 2.0),
)
HZ = {"jazz": 50.0, "rock": 100.0, "metal": 200.0, NO_MUSIC: 400.0}


def tone(label: str, number: int = 0) -> Recording:
    t = np.arange(4 * RATE) / RATE
    sound = 0.5 * np.sin(2 * np.pi * HZ[label] * t)
    return Recording(f"{label}.{number}", label, sound.astype(np.float32))


MUSIC = [tone(label, n) for label in ("jazz", "rock", "metal") for n in (0, 1)]
OTHERS = [tone(NO_MUSIC)]


def pitch(samples: np.ndarray) -> float:
    """Hertz of the strongest tone."""
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * RATE / len(samples))


def test_the_same_seed_gives_the_same_playlist() -> None:
    one, same, other = (
        draw_playlist(MUSIC, OTHERS, RATE, seed, SHORT) for seed in ((0,), (0,), (1,))
    )
    np.testing.assert_array_equal(one.samples, same.samples)
    assert one.spans == same.spans != other.spans


@pytest.mark.parametrize("seed", range(5))
def test_every_second_sounds_like_its_label(seed: int) -> None:
    settings = replace(SHORT, voice_over=0.0)
    playlist = draw_playlist(MUSIC, OTHERS, RATE, (seed,), settings)
    assert playlist.spans[0].start_s == 0.0
    assert playlist.spans[-1].end_s == pytest.approx(len(playlist.samples) / RATE)
    for one, two in pairwise(playlist.spans):
        assert one.end_s == two.start_s
    for span in playlist.spans:
        if span.label != EITHER:
            heard = playlist.samples[
                round(span.start_s * RATE) : round(span.end_s * RATE)
            ]
            assert pitch(heard) == pytest.approx(HZ[span.label], rel=0.02)


def spans_of_many(settings: PlaylistSettings) -> list[Span]:
    return [
        span
        for seed in range(20)
        for span in draw_playlist(MUSIC, OTHERS, RATE, (seed,), settings).spans
    ]


def test_songs_are_parted_in_every_way() -> None:
    spans = spans_of_many(SHORT)
    assert any(s.label == EITHER and s.name == "pause" for s in spans)
    assert any(s.label == EITHER and s.name != "pause" for s in spans)
    assert any(s.label == NO_MUSIC for s in spans)


def test_a_song_may_follow_one_of_its_genre_but_never_itself() -> None:
    songs = [s for s in spans_of_many(SHORT) if s.label in ("jazz", "rock", "metal")]
    beside = [(a, b) for a, b in pairwise(songs) if b.start_s > a.start_s]
    alike = [a.label == b.label for a, b in beside]
    assert 0.15 < np.mean(alike) < 0.45
    assert all(a.name != b.name for a, b in beside)


def test_without_other_sounds_songs_follow_each_other() -> None:
    playlist = draw_playlist(MUSIC, [], RATE, (3,), SHORT)
    assert NO_MUSIC not in {span.label for span in playlist.spans}


def test_one_genre_is_no_playlist() -> None:
    with pytest.raises(ValueError, match="two genres or more, got \\['jazz'\\]"):
        draw_playlist(MUSIC[:2], OTHERS, RATE, (0,), SHORT)
