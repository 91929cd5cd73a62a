"""Pictures on a light ground: text, boxes and images, drawn by Pillow.

Pillow is an extra (``plot``): a daemon that draws nothing does without it.

Conventions
-----------
Coordinates are pixels from the top left; colours are red, green, blue, 0 to 255.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from genre_daemon.display import palette
from genre_daemon.errors import GenreListenError
from genre_daemon.messages import NO_MUSIC, SILENCE, UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PIL import ImageFont

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

PAPER: Colour = (252, 252, 250)
INK: Colour = (38, 40, 46)
FAINT: Colour = (120, 123, 130)
GRID: Colour = (226, 227, 228)
EMPTY: Colour = (248, 248, 246)
"""Where nothing was heard."""

# On paper, what is no music stays in the background.
_STATES: dict[str, Colour] = {
    SILENCE: (230, 232, 235),
    NO_MUSIC: (199, 203, 209),
    UNKNOWN: (160, 163, 188),
}
_CUBE = (0, 95, 135, 175, 215, 255)
_ENDINGS = (".png", ".webp", ".jpg", ".jpeg")
_VIVID = 0.72
_BRIGHT = 150  # of 255
_MAX_SIDE = 16_384


class PlotError(GenreListenError):
    """A picture that cannot be drawn or written."""


def colour(genre: str) -> Colour:
    """Return the colour of a genre: that of the terminal display, for paper."""
    if genre in _STATES:
        return _STATES[genre]
    number = palette.colour(genre)
    if number >= 232:  # noqa: PLR2004 - the greys of the 256 colours
        grey = 8 + 10 * (number - 232)
        return (grey, grey, grey)
    red, rest = divmod(number - 16, 36)
    return _soften((_CUBE[red], _CUBE[rest // 6], _CUBE[rest % 6]))


def _soften(colour: Colour) -> Colour:
    """Return a terminal's glaring colour as ink would have it."""
    grey = _brightness(colour)
    red, green, blue = (round(grey + (part - grey) * _VIVID) for part in colour)
    return (red, green, blue)


def _brightness(colour: Colour) -> float:
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def on(ground: Colour) -> Colour:
    """Return the colour of text that can be read on a ground."""
    return INK if _brightness(ground) > _BRIGHT else (255, 255, 255)


class Canvas:
    """A picture in the making.

    Parameters
    ----------
    width, height : int
        Pixels.

    Raises
    ------
    PlotError
        If Pillow is not installed.
    """

    def __init__(self, width: int, height: int) -> None:
        try:
            from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise PlotError(
                "pictures need Pillow, which is not installed: "
                "pip install 'genre-listen[plot]'"
            ) from error
        self._module = Image
        self._new_font = ImageFont.load_default
        size = (min(width, _MAX_SIDE), min(height, _MAX_SIDE))
        self._image = Image.new("RGB", size, PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._fonts: dict[float, ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}

    @property
    def width(self) -> int:
        """Pixels across."""
        return self._image.width

    def text(  # noqa: PLR0913 - what text is
        self,
        x: float,
        y: float,
        text: str,
        size: float = 22,
        *,
        ink: Colour = INK,
        anchor: str = "lm",
    ) -> None:
        """Write a line.

        ``anchor`` is Pillow's: ``l``, ``m`` or ``r`` across, ``a``, ``m`` or ``s``
        (ascender, middle, baseline) down.
        """
        self._draw.text((x, y), text, ink, self._font(size), anchor)

    def text_width(self, text: str, size: float = 22) -> float:
        """Return how many pixels wide a line would be."""
        return self._draw.textlength(text, self._font(size))

    def fitted(self, text: str, room: float, size: float = 22) -> str:
        """Return a line, cut where it would be wider than so many pixels."""
        if self.text_width(text, size) <= room:
            return text
        while text and self.text_width(f"{text}...", size) > room:
            text = text[:-1]
        return f"{text}..."

    def box(self, box: Box, fill: Colour, radius: float = 0) -> None:
        """Fill a box, whose right and bottom edge lie outside of it."""
        left, top, right, bottom = (round(edge) for edge in box)
        if right > left and bottom > top:
            edges = (left, top, right - 1, bottom - 1)
            self._draw.rounded_rectangle(edges, radius, fill)

    def image(
        self, pixels: NDArray[np.uint8], box: Box, *, smooth: bool = False
    ) -> None:
        """Show pixels, shape (height, width, 3), stretched into a box."""
        left, top, right, bottom = (round(edge) for edge in box)
        how = self._module.Resampling
        stretched = self._module.fromarray(pixels).resize(
            (max(1, right - left), max(1, bottom - top)),
            how.BILINEAR if smooth else how.NEAREST,
        )
        self._image.paste(stretched, (left, top))

    def save(self, path: Path) -> None:
        """Write the picture, whole or not at all.

        Raises
        ------
        PlotError
            If the ending is not that of a picture, or the file cannot be written.
        """
        if path.suffix.lower() not in _ENDINGS:
            raise PlotError(
                f"{path} does not end as a picture does: {', '.join(_ENDINGS)}"
            )
        beside = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            self._image.save(beside)
            beside.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            reason = error.strerror or error
            raise PlotError(f"{path} cannot be written: {reason}") from error

    def _font(self, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        if size not in self._fonts:
            self._fonts[size] = self._new_font(size)
        return self._fonts[size]
