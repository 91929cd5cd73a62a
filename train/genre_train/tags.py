"""Who plays it, as the tags of a file say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SAMPLERS = frozenset(["various artists", "various", "va", "v.a.", "diverse"])


def read_tags(path: Path) -> tuple[str, str]:
    """Return artist and album, each empty where the file does not say.

    The artist of the album comes first: a guest on one song makes no other artist.
    A sampler has none, so there the artist of the song is taken.
    """
    from tinytag import TinyTag, TinyTagException  # noqa: PLC0415 - of the extra only

    try:
        tag = TinyTag.get(path, tags=True, duration=False)
    except (TinyTagException, OSError, ValueError):
        return "", ""
    artist = (tag.albumartist or "").strip()
    if not artist or artist.casefold() in _SAMPLERS:
        artist = (tag.artist or "").strip()
    return artist, (tag.album or "").strip()
