"""Content and drawings to one HTML file that loads nothing from anywhere."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genre_train.report.content import Content

_LEAK = (
    '<p class="leak" role="alert"><strong>Leaky split.</strong> What the network was '
    "asked about is partly what it was trained on. These figures exist to show how "
    "published ones came about; they do not say how good the network is.</p>"
)


def render_page(content: Content, drawings: Sequence[tuple[str, str, str]]) -> str:
    """Return the page.

    Parameters
    ----------
    drawings : sequence of (name, title, SVG)
    """
    here = files("genre_train.report")
    stamp = "LEAKY " if content.leaky else ""
    return Template((here / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(f"{stamp}{content.title}"),
        style=(here / "page.css").read_text(encoding="utf-8"),
        leak=_LEAK if content.leaky else "",
        headline=_headline(content.figures, stamp),
        facts=_facts(content.facts),
        genres=_genres(content.figures["per_genre"]),
        mistakes=_mistakes(content),
        drawings="\n".join(
            f'<section id="{name}"><h2>{escape(title)}</h2><figure>{svg}</figure>'
            "</section>"
            for name, title, svg in drawings
        ),
    )


def _headline(figures: dict[str, Any], stamp: str) -> str:
    shown = (
        ("accuracy of an example", figures["accuracy"]),
        ("accuracy of a track", figures["track_accuracy"]),
        ("macro F1 of tracks", figures["macro_f1"]),
    )
    return "\n".join(
        f'<div class="number"><b>{figure["value"]:.3f}</b>'
        f"<span>{stamp}{name}</span>"
        f"<small>n={figure['n']}, 95 % {figure['low']:.3f} to {figure['high']:.3f}"
        "</small></div>"
        for name, figure in shown
    )


def _facts(facts: dict[str, str]) -> str:
    return "\n".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in facts.items()
    )


def _genres(per_genre: dict[str, dict[str, Any]]) -> str:
    return "\n".join(
        f"<tr><th scope=row>{escape(label)}</th><td>{row['precision']:.2f}</td>"
        f"<td>{row['recall']:.2f}</td><td>{row['f1']:.2f}</td>"
        f"<td>{row['support']}</td></tr>"
        for label, row in per_genre.items()
    )


def _mistakes(content: Content) -> str:
    return "\n".join(
        f"<tr><td>{escape(one.track)}</td><td>{escape(one.said)}</td>"
        f"<td>{escape(one.named)}</td><td>{one.confidence:.2f}</td></tr>"
        for one in content.mistakes
    )
