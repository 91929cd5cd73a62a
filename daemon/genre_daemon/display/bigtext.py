"""Words in large letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genre_daemon.display import fonts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_HALVES = {("#", "#"): "█", ("#", "."): "▀", (".", "#"): "▄", (".", "."): " "}


@dataclass(frozen=True)
class Face:
    """A font at a size."""

    font: Callable[[], dict[str, fonts.Glyph]]
    across: int
    """Columns to a pixel."""
    down: int
    """Pixel rows a pixel becomes: two of them make a row where ``halves``."""
    halves: bool
    """Whether half blocks are used."""

    @property
    def height(self) -> int:
        """Rows of the terminal."""
        pixels = len(self.font()["A"]) * self.down
        return (pixels + 1) // 2 if self.halves else pixels

    def width(self, word: str) -> int | None:
        """Columns that a word takes, or None where a letter is missing."""
        glyphs = self.font()
        if not word or any(letter not in glyphs for letter in word.upper()):
            return None
        pixels = sum(len(glyphs[letter][0]) + 1 for letter in word.upper()) - 1
        return pixels * self.across

    def draw(self, word: str) -> list[str]:
        """Return the rows of a word for which :meth:`width` is not None."""
        glyphs = [self.font()[letter] for letter in word.upper()]
        pixels = [".".join(parts) for parts in zip(*glyphs, strict=True)]
        wide = ["".join(dot * self.across for dot in row) for row in pixels]
        tall = [row for row in wide for _ in range(self.down)]
        if not self.halves:
            return [row.replace(".", " ") for row in tall]
        if len(tall) % 2:
            tall.append("." * len(tall[0]))
        return [
            "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
            for upper, lower in zip(tall[::2], tall[1::2], strict=True)
        ]


_UNICODE = (
    Face(fonts.large, 3, 3, halves=True),
    Face(fonts.large, 2, 2, halves=True),
    Face(fonts.large, 1, 1, halves=True),
    Face(fonts.small, 1, 1, halves=True),
)
_ASCII = (
    Face(fonts.large, 2, 1, halves=False),
    Face(fonts.small, 2, 1, halves=False),
    Face(fonts.small, 1, 1, halves=False),
)


def choose(
    words: Iterable[str], width: int, height: int, *, unicode: bool
) -> Face | None:
    """Return the largest face in which every word fits, or None.

    Words with letters that the fonts lack do not count: they are shown plain.
    """
    words = list(words)
    for face in _UNICODE if unicode else _ASCII:
        widths = [face.width(word) or 0 for word in words]
        if face.height <= height and max(widths, default=0) <= width:
            return face
    return None
