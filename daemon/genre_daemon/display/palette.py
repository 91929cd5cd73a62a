"""A colour of its own for every genre, on dark and on light terminals.

All colours are from the 256-colour cube, so that they look the same over ssh and in
tmux, and of middling luminance (0.14 to 0.31): at least 3:1 against white as well as
against a black or nearly black background.
"""

from __future__ import annotations

from zlib import crc32

from genre_daemon.messages import NO_MUSIC, SILENCE, UNKNOWN

_GENRES = {
    "blues": 33,
    "classical": 136,
    "country": 64,
    "disco": 201,
    "electronic": 31,
    "folk": 130,
    "hiphop": 99,
    "jazz": 30,
    "metal": 160,
    "pop": 198,
    "reggae": 34,
    "rock": 202,
}
_OTHERS = (27, 28, 29, 62, 69, 100, 128, 135, 161, 165, 166, 169, 171, 203)
_STATES = {UNKNOWN: 103, NO_MUSIC: 243, SILENCE: 242}

GOOD = 34
CAUTION = 136
BAD = 196
QUIET = 243
"""For marks, meters and words that are no genres."""


def colour(genre: str) -> int:
    """Return the number of a genre's colour in the 256-colour palette.

    A genre that is not known here gets one by the hash of its name: always the same,
    on every machine.
    """
    name = genre.lower().replace("-", "").replace(" ", "")
    known = _STATES.get(genre) or _GENRES.get(name)
    return known or _OTHERS[crc32(name.encode()) % len(_OTHERS)]


def style(number: int) -> str:
    """Return a palette number as a rich colour name."""
    return f"color({number})"
