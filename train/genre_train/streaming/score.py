"""Streaming figures: what a listener would see while songs follow each other.

Rules
-----
A verdict is in force from the moment it is said until the next one is. A verdict is
right while it says the label of what is heard; over sound that is no music, also
``silence``, and ``unknown`` if the model has no ``no_music``. ``unknown`` over music
is not right. Cross-fades and pauses are not scored: either song's word will do.

*Time-weighted accuracy* is the share of the scored seconds with a right verdict; the
second in which a song begins counts in its parts, as any other. A *wrong switch* is a
change of the verdict to a word that is not right then. *Seconds to the right genre*
run from the beginning of a song to the first verdict from which on it was right for
``HELD_S``; infinite where that never came before the song was over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.messages import NO_MUSIC, SILENCE, STATES, UNKNOWN
from genre_train.streaming.playlists import EITHER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_train.streaming.playlists import Span

HELD_S = 5.0
"""Seconds that a word must stay right to count as found: a flicker is not."""


@dataclass(frozen=True)
class SpanScore:
    """What was said while one span was heard."""

    name: str
    """The recording."""
    label: str
    seconds: float
    """Scored, from the first verdict of the playlist on."""
    right_s: float
    named_s: float
    """Seconds with a verdict other than ``unknown``."""
    switches: int
    """Changes of the verdict."""
    wrong_switches: int
    found_s: float
    """Seconds to the right genre, held; infinite if it was never found."""
    touched_s: float
    """Seconds to the right genre, for however short a time; or infinite."""


def accepted(label: str, labels: Sequence[str]) -> frozenset[str]:
    """Return the words that are right while something with this label is heard."""
    if label != NO_MUSIC:
        return frozenset((label,))
    words = {NO_MUSIC, SILENCE}
    return frozenset(words if NO_MUSIC in labels else words | {UNKNOWN})


def score(
    spans: Sequence[Span],
    times_s: NDArray[np.float64],
    words: Sequence[str],
    labels: Sequence[str],
) -> list[SpanScore]:
    """Score the verdicts of a playlist, span by span.

    Parameters
    ----------
    spans : sequence of Span
        The truth, in order and without a gap.
    times_s : ndarray, shape (n,), n > 0
        When each verdict was said, rising.
    words : sequence of str, length n
        What each verdict said.
    labels : sequence of str
        The classes of the model.
    """
    said = np.array(words)
    until = np.append(times_s[1:], spans[-1].end_s)
    changed = np.append(False, said[1:] != said[:-1])
    scores = []
    for number, span in enumerate(spans):
        right_words = _right_words(spans, number, labels)
        right = np.isin(said, list(right_words))
        begin = np.maximum(times_s, span.start_s)
        seconds = np.maximum(np.minimum(until, span.end_s) - begin, 0.0)
        within = (times_s >= span.start_s) & (times_s < span.end_s)
        found_s, touched_s = _first(right, begin, seconds, span.start_s)
        scored = 0.0 if span.label == EITHER else float(seconds.sum())
        scores.append(
            SpanScore(
                name=span.name,
                label=span.label,
                seconds=scored,
                right_s=min(scored, float(seconds[right].sum())),
                named_s=min(scored, float(seconds[said != UNKNOWN].sum())),
                switches=int((within & changed).sum()),
                wrong_switches=int((within & changed & ~right).sum()),
                found_s=found_s,
                touched_s=touched_s,
            )
        )
    return scores


def _right_words(
    spans: Sequence[Span], number: int, labels: Sequence[str]
) -> frozenset[str]:
    label = spans[number].label
    if label != EITHER:
        return accepted(label, labels)
    beside = (spans[max(0, number - 1)], spans[min(number + 1, len(spans) - 1)])
    return frozenset(STATES).union(*(accepted(s.label, labels) for s in beside))


def _first(
    right: NDArray[np.bool_],
    begin: NDArray[np.float64],
    seconds: NDArray[np.float64],
    start_s: float,
) -> tuple[float, float]:
    """Return the seconds to the first right run that holds, and to any at all."""
    run_s, found_s, touched_s = 0.0, np.inf, np.inf
    for i in np.flatnonzero(seconds > 0):
        if not right[i]:
            run_s = 0.0
            continue
        if run_s == 0.0:
            run_start_s = float(begin[i] - start_s)
            touched_s = min(touched_s, run_start_s)
        run_s += float(seconds[i])
        if run_s >= HELD_S:
            return run_start_s, touched_s
    return found_s, touched_s
