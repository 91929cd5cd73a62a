"""Systems and their figures, written for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_train.metrics import as_table
from genre_train.systems.registry import COMPACT, SYSTEMS
from genre_train.systems.sides import LEAKY

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = {
    "name": COMPACT,
    "source": "this project: the shipped network",
    "input": "5 s log-mel, standardised",
    "parameters": None,
    "published": None,
    "protocols": ["honest"],
}


def as_object() -> list[dict[str, Any]]:
    """Return the eleven systems as JSON."""
    return [_OURS | {"parameters": _own_parameters()}] + [
        {
            "name": system.name,
            "source": system.source,
            "input": system.shown,
            "parameters": system.parameters,
            "published": system.published,
            "protocols": ["honest", LEAKY] if system.leaky else ["honest"],
        }
        for system in SYSTEMS.values()
    ]


def as_text() -> str:
    """Return the eleven systems as text, a block each."""
    return "\n".join(_blocks())


def _blocks() -> Iterator[str]:
    for system in as_object():
        count = f"{system['parameters']:,}".replace(",", " ")
        yield f"{system['name']:15} {system['input']}"
        yield textwrap.indent(
            f"{count} parameters, published: {system['published'] or '-'}\n"
            f"{system['source']}",
            " " * 16,
        )


def _own_parameters() -> int:
    from genre_train.models import MODELS  # noqa: PLC0415 - needs Keras

    return int(MODELS[COMPACT](128, 10).count_params())


def render(metrics: dict[str, Any]) -> str:
    """Write the figures of a run of a published system."""
    labels, part = metrics["labels"], metrics["window"]
    stamp = "LEAKY " if metrics["protocol"] == LEAKY else ""
    lines = [
        f"held out: {metrics['on']} ({metrics['split']})",
        f"{stamp}accuracy of an example {_figure(part['accuracy'])}",
        f"{stamp}accuracy of a track    {_figure(part['track_accuracy'])}",
        f"{stamp}macro F1 of tracks     {_figure(part['macro_f1'])}",
        "",
    ]
    width = max(map(len, labels))
    lines.append(f"{'':{width}} precision recall    F1  n")
    lines += [
        f"{label:{width}} {row['precision']:9.2f} {row['recall']:6.2f} "
        f"{row['f1']:5.2f} {row['support']:2d}"
        for label, row in part["per_genre"].items()
    ]
    table = as_table(np.array(part["confusion"]), labels)
    return "\n".join([*lines, "", "said (row) and named (column), tracks", table])


def _figure(figure: dict[str, Any]) -> str:
    return (
        f"{figure['value']:.3f} (n={figure['n']}, 95 % {figure['low']:.3f} to "
        f"{figure['high']:.3f})"
    )
