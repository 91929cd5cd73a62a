"""What ``genre-train report`` does: a run folder to a page and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genre_daemon.errors import ConfigError
from genre_train.report.content import gather
from genre_train.report.drawings import drawings, style
from genre_train.report.page import render_page
from genre_train.report.rendering import as_svg, write_png

if TYPE_CHECKING:
    from pathlib import Path


def build_report(run: Path, out: Path, data: list[Path] | None = None) -> Path:
    """Write ``report.html`` and a PNG of every drawing, over those of an earlier one.

    Parameters
    ----------
    out : Path
        Folder to write to; made if it is not there.
    data : list of Path, optional
        Where the data of the run are now, if they have moved.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ConfigError
        If the run has no model, its data are gone, or the folder cannot be made.
    """
    content = gather(run, data)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot make the folder {out} for the report: {error.strerror}"
        ) from error
    drawn = []
    with style():
        for name, title, figure in drawings(content):
            write_png(figure, out / f"{name}.png")
            drawn.append((name, title, as_svg(figure, name)))
    page = out / "report.html"
    page.write_text(render_page(content, drawn), encoding="utf-8")
    return page
