"""An index, written for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genre_train.index import Copies, Index

MOST_LINES = 20
"""Of one kind; ``--json`` has all of them."""


def render(index: Index) -> str:
    """Write what was found, the problems last, because they are to be mended first."""
    files = sum(genre.files for genre in index.genres)
    minutes = sum(genre.minutes for genre in index.genres)
    found = f"{files} files of {len(index.genres)} genres, {minutes:.1f} minutes"
    lines = [f"{index.name}: {found}", "", *_table(index)]
    if index.split:
        lines += ["", f"split: {index.split}"]
    for title, entries in _sections(index):
        if entries:
            lines += ["", title]
            lines += [f"  {entry}" for entry in entries[:MOST_LINES]]
            if len(entries) > MOST_LINES:
                lines.append(f"  and {len(entries) - MOST_LINES} more, see --json")
    return "\n".join(lines)


def _table(index: Index) -> Iterator[str]:
    width = max([len("genre"), *(len(genre.label) for genre in index.genres)])
    titles = f"{'files':>6} {'minutes':>8} {'artists':>8} {'held out':>9}"
    yield f"{'genre':{width}} {titles}"
    for genre in index.genres:
        yield (
            f"{genre.label:{width}} {genre.files:6d} {genre.minutes:8.1f} "
            f"{genre.artists or '-':>8} {genre.held_out or '-':>9}"
        )


def _sections(index: Index) -> Iterator[tuple[str, list[str]]]:
    yield (
        f"cannot be used and are left out: {len(index.unreadable)} file(s)",
        list(index.unreadable.values()),
    )
    yield (
        "the same file more than once (kept on one side of the split):",
        [_copies(copies) for copies in index.exact],
    )
    yield (
        "sound the same (kept on one side of the split):",
        [
            f"{_copies(copies)}: {copies.differing_bits:.0%} of the fingerprint differs"
            for copies in index.near
        ],
    )
    yield (
        "on both sides of the split, which flatters the figures:",
        [
            f"{one.kind} {one.name}: {one.train} trained on, {one.valid} held out"
            for one in index.shared
        ],
    )
    yield "passed over:", list(index.notes)
    yield "cannot be trained on:", list(index.problems)


def _copies(copies: Copies) -> str:
    said = " = ".join(copies.names)
    if len(copies.genres) > 1:
        said += f" (in {len(copies.genres)} genres: one of them must be wrong)"
    return said
