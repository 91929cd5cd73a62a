"""Playlists stitched from labelled recordings, with the truth of every second.

What a room hears in an evening, shortened: songs that follow each other by a hard
cut, a cross-fade, a short pause or a stretch of speech or household sound, at
changing levels, some with a voice over the music. All is drawn from a seed.

Conventions
-----------
Samples are mono float32 at one rate, times seconds from the start of the playlist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.messages import NO_MUSIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EITHER = ""
"""Label of a span that is not scored: a cross-fade or a pause between two songs."""

TRANSITIONS = {"cut": 0.35, "fade": 0.25, "pause": 0.2, "talk": 0.2}
"""How a song gives way to the next, and how often."""


@dataclass(frozen=True)
class Recording:
    """Labelled sound."""

    name: str
    label: str
    samples: NDArray[np.float32]
    """Shape (n,), in [-1, 1]."""


@dataclass(frozen=True)
class PlaylistSettings:
    """What a playlist is made of. Pairs are ranges to draw from."""

    songs: int = 10
    song_s: tuple[float, float] = (45.0, 90.0)
    """Recordings that are shorter are heard in a loop from a random place."""
    fade_s: tuple[float, float] = (2.0, 6.0)
    pause_s: tuple[float, float] = (1.0, 4.0)
    talk_s: tuple[float, float] = (10.0, 30.0)
    """Speech or household sound between two songs."""
    level_dbfs: tuple[float, float] = (-34.0, -14.0)
    """Root mean square of a song or a talk."""
    same_genre: float = 0.3
    """Share of the songs followed by another of their genre, where there is one."""
    voice_over: float = 0.15
    """Share of the songs with a voice over them, as a presenter's."""
    voice_s: tuple[float, float] = (5.0, 12.0)
    voice_db: float = 6.0
    """How far the voice is above the music."""


@dataclass(frozen=True)
class Span:
    """A stretch of a playlist in which the truth does not change."""

    start_s: float
    end_s: float
    label: str
    """A genre, ``no_music``, or ``EITHER``."""
    name: str
    """The recording that is heard."""


@dataclass(frozen=True)
class Playlist:
    """Sound and its truth."""

    samples: NDArray[np.float32]
    spans: tuple[Span, ...]
    """In order and without a gap, from 0 to the end."""


class _Tape:
    """Sound that grows at its end, and what it is."""

    def __init__(self, rate: int, rng: np.random.Generator) -> None:
        self.rate = rate
        self._rng = rng
        self._parts: list[NDArray[np.float32]] = []
        self._tail = np.empty(0, np.float32)
        self._spans: list[Span] = []
        self._n = 0

    def add(self, sound: NDArray[np.float32], label: str, name: str) -> None:
        """Append sound; a tail that waits is faded over into its beginning."""
        sound = sound.copy()
        n = len(self._tail)
        if n:
            ramp = np.linspace(0.0, np.pi / 2, n, dtype=np.float32)
            sound[:n] = np.sin(ramp) * sound[:n] + np.cos(ramp) * self._tail
            self._mark(n, EITHER, name)
            self._tail = np.empty(0, np.float32)
        self._parts.append(sound)
        self._mark(len(sound) - n, label, name)

    def fade_out(self, seconds: float) -> None:
        """Take the last seconds back, to be faded over into what comes."""
        n = round(seconds * self.rate)
        last = self._parts.pop()
        self._parts.append(last[:-n])
        self._tail = last[-n:]
        self._n -= n
        span = self._spans.pop()
        end_s = self._n / self.rate
        self._spans.append(Span(span.start_s, end_s, span.label, span.name))

    def done(self) -> Playlist:
        hiss = 1e-5 * self._rng.standard_normal(self._n)
        samples = np.concatenate(self._parts) + hiss.astype(np.float32)
        return Playlist(np.clip(samples, -1.0, 1.0), tuple(self._spans))

    def _mark(self, n: int, label: str, name: str) -> None:
        start_s = self._n / self.rate
        self._n += n
        self._spans.append(Span(start_s, self._n / self.rate, label, name))


def draw_playlist(
    music: Sequence[Recording],
    others: Sequence[Recording],
    rate: int,
    seed: Sequence[int],
    settings: PlaylistSettings | None = None,
) -> Playlist:
    """Stitch a playlist.

    Parameters
    ----------
    music : sequence of Recording
        Of at least two genres; a recording never follows itself.
    others : sequence of Recording
        Speech and household sound; none: songs follow each other directly.
    rate : int
        Hertz.
    seed : sequence of int
        The same numbers give the same playlist.
    """
    settings = settings or PlaylistSettings()
    rng = np.random.default_rng(seed)
    tape = _Tape(rate, rng)
    kinds = [kind for kind in TRANSITIONS if others or kind != "talk"]
    weights = np.array([TRANSITIONS[kind] for kind in kinds])
    for number, song in enumerate(_order(music, settings, rng)):
        if number:
            kind = rng.choice(kinds, p=weights / weights.sum())
            _divide(tape, str(kind), others, rng, settings)
        sound = _stretch(song.samples, rng.uniform(*settings.song_s), rate, rng)
        if others and rng.random() < settings.voice_over:
            sound = _talk_over(sound, others, rate, rng, settings)
        level = rng.uniform(*settings.level_dbfs)
        tape.add(_at_level(sound, level), song.label, song.name)
    return tape.done()


def _order(
    music: Sequence[Recording], settings: PlaylistSettings, rng: np.random.Generator
) -> list[Recording]:
    """Draw songs, each genre as likely as another."""
    by_genre: dict[str, list[Recording]] = {}
    for recording in music:
        by_genre.setdefault(recording.label, []).append(recording)
    if len(by_genre) < 2:  # noqa: PLR2004 - one song after another needs two
        raise ValueError(f"a playlist needs two genres or more, got {sorted(by_genre)}")
    order: list[Recording] = []
    for _ in range(settings.songs):
        choice = _next(by_genre, order[-1] if order else None, settings, rng)
        order.append(choice[rng.integers(len(choice))])
    return order


def _next(
    by_genre: dict[str, list[Recording]],
    last: Recording | None,
    settings: PlaylistSettings,
    rng: np.random.Generator,
) -> list[Recording]:
    """Return the recordings that may follow."""
    if last is not None and rng.random() < settings.same_genre:
        same = [r for r in by_genre[last.label] if r is not last]
        if same:
            return same
    genres = [g for g in sorted(by_genre) if last is None or g != last.label]
    return by_genre[genres[rng.integers(len(genres))]]


def _divide(
    tape: _Tape,
    kind: str,
    others: Sequence[Recording],
    rng: np.random.Generator,
    settings: PlaylistSettings,
) -> None:
    """Put between two songs what divides them."""
    if kind == "fade":
        tape.fade_out(rng.uniform(*settings.fade_s))
    elif kind == "pause":
        n = round(rng.uniform(*settings.pause_s) * tape.rate)
        tape.add(np.zeros(n, np.float32), EITHER, "pause")
    elif kind == "talk":
        other = others[int(rng.integers(len(others)))]
        sound = _stretch(other.samples, rng.uniform(*settings.talk_s), tape.rate, rng)
        level = rng.uniform(*settings.level_dbfs)
        tape.add(_at_level(sound, level), NO_MUSIC, other.name)


def _stretch(
    samples: NDArray[np.float32],
    seconds: float,
    rate: int,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return so many seconds of a recording, in a loop from a random place."""
    start = rng.integers(len(samples))
    n = round(seconds * rate)
    return samples[np.arange(start, start + n) % len(samples)]


def _at_level(sound: NDArray[np.float32], dbfs: float) -> NDArray[np.float32]:
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    gain = 10 ** (dbfs / 20) / max(rms, 1e-6)
    return np.asarray(sound * np.float32(gain), np.float32)


def _talk_over(
    sound: NDArray[np.float32],
    others: Sequence[Recording],
    rate: int,
    rng: np.random.Generator,
    settings: PlaylistSettings,
) -> NDArray[np.float32]:
    """Lay a voice, or another sound, over some seconds of a song."""
    voice = others[int(rng.integers(len(others)))]
    said = _stretch(voice.samples, rng.uniform(*settings.voice_s), rate, rng)
    start = rng.integers(len(sound) - len(said))
    under = sound[start : start + len(said)]
    rms_db = 20 * np.log10(max(float(np.sqrt(np.mean(under**2))), 1e-6))
    over = sound.copy()
    over[start : start + len(said)] += _at_level(said, rms_db + settings.voice_db)
    return over
