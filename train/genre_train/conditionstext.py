"""The figures of :mod:`genre_train.conditions`, written for people."""

from __future__ import annotations

from typing import Any

_QUESTIONS = {
    "speech": "speech called no_music",
    "environment": "environmental sound called no_music",
    "music": "music called no_music (46 programmes, held-out half)",
    "free_music": "music called no_music (free music, held-out quarter)",
    "clips": "music called no_music (GTZAN clips)",
}


def render(report: dict[str, Any]) -> str:
    """Write a table a question, a line a condition."""
    lines = [*_head(report), "genre named rightly (clips of the valid side)"]
    lines += _accuracy(report, " of both sides")
    if report["no_music_class"]:
        for kind, figures in report["no_music"].items():
            lines += ["", _QUESTIONS[kind]]
            lines += [_line(name, figure) for name, figure in figures.items()]
    else:
        lines += ["", "no_music: this model has no such class; the level gate and"]
        lines += ["'unknown' are all that keep it from naming speech and noise"]
    lines += [
        "",
        f"environmental sound given a genre (from {report['threshold']:.0%} on)",
    ]
    lines += [
        _line(name, figure) for name, figure in report["named"]["environment"].items()
    ]
    return "\n".join(lines)


def render_unlearned(report: dict[str, Any]) -> str:
    """Write what the networks of a cross-validation name."""
    return "\n".join([*_head(report), "genre named rightly", *_accuracy(report)])


def _head(report: dict[str, Any]) -> list[str]:
    described = [f"  {name:12} {text}" for name, text in report["conditions"].items()]
    return [f"{report['model']}, windows of 5 s, one a second", "", *described, ""]


def _accuracy(report: dict[str, Any], of: str = "") -> list[str]:
    lines = []
    for name, figure in report["accuracy"].items():
        change = report["change"].get(name)
        lines.append(_line(name, figure) + (_change(change, of) if change else ""))
    return lines


def _line(name: str, figure: dict[str, Any]) -> str:
    return (
        f"  {name:12} {figure['value']:.3f}  95 % {figure['low']:.3f} to "
        f"{figure['high']:.3f}  n={figure['n']} of {figure['recordings']} recordings"
    )


def _change(change: dict[str, Any], of: str) -> str:
    points = [100 * change[key] for key in ("value", "low", "high")]
    return (
        f"; against clean {points[0]:+.1f} points ({points[1]:+.1f} to "
        f"{points[2]:+.1f}; {change['recordings']} clips{of})"
    )
