"""What a bundle says of itself, for people, for documents and for programs.

References
----------
M. Mitchell et al., "Model cards for model reporting", FAT* 2019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_daemon.inference.modelsections import Section, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genre_daemon.inference.bundle import Bundle

_PAGE = """\
# {title}

What the model says of itself. This page is made by `genre-daemon model --markdown`
from the bundle; change the model, not the page."""


def as_object(bundle: Bundle) -> dict[str, Any]:
    """Return the description as a JSON object."""
    return {
        "path": str(bundle.path),
        "bytes": len(bundle.flatbuffer),
        **bundle.info.to_json(),
    }


def render(bundle: Bundle) -> str:
    """Return the description as lines of text."""
    lines = [f"{bundle.info.title}  ({bundle.path})"]
    for section in sections(bundle):
        lines += ["", f"  {section.title}", *(f"    {x}" for x in _columns(section))]
    return "\n".join(lines)


def markdown(bundle: Bundle) -> str:
    """Return the description as a page."""
    parts = [_PAGE.format(title=bundle.info.title)]
    for section in sections(bundle):
        parts.append(f"## {section.title}")
        if section.rows:
            width = len(section.rows[0])
            head = section.head or ("",) * width
            table = [_row(head), _row(("---",) * width), *map(_row, section.rows)]
            parts.append("\n".join(table))
        parts += ["\n".join(f"- {line}" for line in section.text)] * bool(section.text)
    return "\n\n".join(parts)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _columns(section: Section) -> Iterator[str]:
    """Yield rows with their columns one under the other, then the text."""
    rows = [section.head, *section.rows] if section.head else section.rows
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [f"{x:{width}}" for x, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()
    yield from section.text
