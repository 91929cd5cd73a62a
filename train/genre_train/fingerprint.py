"""Which recordings sound alike: copies at another bit rate, level or beginning.

A recording becomes a row of 32-bit words, one each 46 ms: bit ``k`` says whether the
level in band ``k`` against that in the next one rose or fell over the last third of a
second. Noise, coding and tone controls change few of the bits. Two recordings are
laid over each other where words are equal, and are copies if few bits differ there.

References
----------
J. Haitsma and T. Kalker, "A highly robust audio fingerprinting system", ISMIR 2002.
Differences from it: mel levels in decibels (so that a tone control cancels), twice
the range of frequencies, one word for each fourth frame-length of theirs.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from genre_daemon.features.mel import band_edges_hz

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

    Words = NDArray[np.uint32]

COPY_BELOW = 0.3
"""Share of bits that may differ between copies; by chance half of them do."""

_BANDS = 33
_LOW_HZ, _HIGH_HZ = 300.0, 3_000.0
_SMOOTH_S = 0.37  # the length of their windows
_STEP_S = 0.046
_HUSH_DB = 60.0  # under the loudest: quieter is not looked at
# Decibels times frames. By less, silence differs from itself: on some processors the
# rows of a matrix product are not all rounded alike.
_ROUNDING = 0.01
_LISTED = 1_000  # words of a recording that can be looked up; all are looked for
_COMMON = 64  # places in which a word may be before it says nothing
_MIN_VOTES = 2
_PARTS = 2  # by which a word is looked up
_MOST_OFFSETS = 8  # of one recording that are looked at


class Match(NamedTuple):
    """Two recordings that are copies, by their places in a list."""

    first: int
    second: int
    offset_s: float
    """Seconds by which the first begins earlier."""
    error: float
    """Share of bits that differ."""


def fingerprint(frames: NDArray[np.float32], spec: FeatureSpec) -> Words:
    """Return the words of a recording, shape (n,), uint32.

    Parameters
    ----------
    frames : ndarray, shape (n_frames, n_mels), float32, decibels
    """
    centres = band_edges_hz(spec)[1:-1]
    wanted = np.geomspace(_LOW_HZ, min(_HIGH_HZ, float(centres[-1])), _BANDS)
    bands = np.eye(len(centres))
    weights = np.stack([np.interp(wanted, centres, band) for band in bands])
    floor = float(frames.max()) - _HUSH_DB
    levels = np.maximum(frames @ weights.astype(np.float32), floor)
    smooth = round(_SMOOTH_S * spec.sample_rate / spec.hop_length)
    if len(levels) < 2 * smooth:
        return np.empty(0, np.uint32)
    sums = np.cumsum(np.pad(levels, ((1, 0), (0, 0))), axis=0, dtype=np.float64)
    means = sums[smooth:] - sums[:-smooth]
    rise = (means[smooth:] - means[:-smooth])[:: _step(spec)]
    bits = rise[:, :-1] - rise[:, 1:] > _ROUNDING
    return np.packbits(bits, axis=1).view(">u4")[:, 0].astype(np.uint32)


def _step_s(spec: FeatureSpec) -> float:
    """Return the seconds between two words."""
    return _step(spec) * spec.hop_length / spec.sample_rate


def find_copies(prints: Sequence[Words], spec: FeatureSpec) -> list[Match]:
    """Find all pairs of recordings that are copies over half of the shorter one."""
    table = _Table(prints)
    seconds = _step_s(spec)
    found = []
    for first, words in enumerate(prints):
        best: dict[int, tuple[float, int]] = {}
        for second, offset in table.candidates(first, words):
            error = bit_error(words, prints[second], offset)
            best[second] = min(best.get(second, (1.0, 0)), (error, offset))
        found += [
            Match(first, second, offset * seconds, error)
            for second, (error, offset) in sorted(best.items())
            if error < COPY_BELOW
        ]
    return found


def bit_error(first: Words, second: Words, offset: int) -> float:
    """Return the share of bits that differ where two recordings overlap.

    Parameters
    ----------
    offset : int
        Words of the first that come before the beginning of the second; may be
        negative.

    Returns
    -------
    float in [0, 1]
        1 if less than half of the shorter one overlaps.
    """
    a, b = first[max(offset, 0) :], second[max(-offset, 0) :]
    length = min(len(a), len(b))
    if 2 * length < min(len(first), len(second)) or not length:
        return 1.0
    differ = np.bitwise_xor(a[:length], b[:length])
    return float(np.unpackbits(differ.view(np.uint8)).mean())


def _step(spec: FeatureSpec) -> int:
    return max(1, round(_STEP_S * spec.sample_rate / spec.hop_length))


class _Table:
    """Where each word is, in all recordings.

    Words are looked up by their first and by their last 24 bits: at a tenth of wrong
    bits, one word in 29 is without a fault, but one of those parts in 12.
    """

    def __init__(self, prints: Sequence[Words]) -> None:
        places = [np.arange(0, len(w), max(1, len(w) // _LISTED)) for w in prints]
        keys = [_keys(words[its]) for words, its in zip(prints, places, strict=True)]
        owners = np.repeat(np.arange(len(prints)), [len(its) for its in keys])
        joined = np.concatenate([np.empty(0, np.uint32), *keys])
        order = np.argsort(joined, kind="stable")
        self._keys, self._owners = joined[order], owners[order]
        twice = [np.tile(its, _PARTS) for its in places]
        self._places = np.concatenate([np.empty(0, int), *twice])[order]

    def candidates(self, first: int, words: Words) -> Iterator[tuple[int, int]]:
        """Yield later recordings and offsets at which several words are equal."""
        keys = _keys(words)
        begin = np.searchsorted(self._keys, keys, "left")
        count = np.searchsorted(self._keys, keys, "right") - begin
        # A word that is everywhere, as that of silence, leads nowhere.
        asked = np.flatnonzero((count > 0) & (count <= _COMMON))
        count = count[asked]
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        hits = np.repeat(begin[asked], count) + within
        offsets = np.repeat(asked % max(len(words), 1), count) - self._places[hits]
        pairs = np.stack([self._owners[hits], offsets])[:, self._owners[hits] > first]
        unique, votes = np.unique(pairs, axis=1, return_counts=True)
        # Music repeats itself: the right offset need not have the most votes.
        asked_of: Counter[int] = Counter()
        for place in np.argsort(-votes, kind="stable"):
            if votes[place] < _MIN_VOTES:
                break
            owner, offset = (int(value) for value in unique[:, place])
            asked_of[owner] += 1
            if asked_of[owner] <= _MOST_OFFSETS:
                yield owner, offset


def _keys(words: Words) -> Words:
    """Return the first parts of all words, then the last parts, told apart."""
    last = (words & np.uint32(0xFFFFFF)) | np.uint32(1 << 24)
    return np.concatenate([words >> np.uint32(8), last])
