"""Bytes a little different from good ones, the same for the same seed.

References
----------
The kinds of change are those of AFL's havoc stage (M. Zalewski, 2014).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

MAX_BYTES = 200_000
"""Inputs do not grow beyond this."""

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF)
_WIDTHS = (1, 2, 4, 8)
_MOST_CHANGES = 8


def mutate(
    rng: random.Random, seeds: Sequence[bytes], words: Sequence[bytes] = ()
) -> bytes:
    """Return one of the seeds, changed in one to eight places.

    Parameters
    ----------
    rng : Random
    seeds : sequence of bytes
        Good inputs.
    words : sequence of bytes
        What means something in this format.
    """
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, _MOST_CHANGES)):
        _change(rng, data, seeds, words)
    return bytes(data[:MAX_BYTES])


def _change(
    rng: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]
) -> None:
    place = rng.randrange(len(data) + 1)
    length = min(len(data) - place, 1 << rng.randrange(0, 12))
    kind = rng.randrange(8)
    if kind == 0 and place < len(data):
        data[place] ^= 1 << rng.randrange(8)
    elif kind == 1:
        number = rng.choice(_NUMBERS)
        width = rng.choice(_WIDTHS)
        raw = (number % (1 << 8 * width)).to_bytes(width, rng.choice(("little", "big")))
        data[place : place + width] = raw
    elif kind == 2:
        del data[place : place + length]
    elif kind == 3:
        data[place:place] = data[place : place + length]
    elif kind == 4:
        data[place : place + length] = rng.randbytes(length)
    elif kind == 5 and words:
        data[place:place] = rng.choice(words)
    elif kind == 6:
        other = rng.choice(seeds)
        start = rng.randrange(len(other) + 1)
        data[place:] = other[start:]
    else:
        del data[place:]
