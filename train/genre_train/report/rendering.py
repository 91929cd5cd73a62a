"""Drawings to PNG files, and to SVG that takes its colours from the page."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from genre_train.report.drawings import INK

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

_DPI = 150


def write_png(figure: Figure, path: Path) -> None:
    """Write a drawing on white."""
    figure.savefig(path, dpi=_DPI, facecolor="white", metadata={"Software": None})


def as_svg(figure: Figure, prefix: str) -> str:
    """Return a drawing as an SVG element for a page.

    Text and lines take the colour of the text around them, so that one drawing suits
    a light and a dark page.

    Parameters
    ----------
    prefix : str
        Put in front of every id, so that drawings on one page do not share any.
    """
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r'(\bid=")', rf"\1{prefix}-", svg)
    return re.sub(r"(url\(#|href=\"#)", rf"\1{prefix}-", svg)
