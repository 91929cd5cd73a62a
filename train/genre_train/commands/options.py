"""Flags that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CollectionPath = Annotated[
    Path,
    typer.Argument(
        metavar="DIR|CSV",
        help="Folder with one folder a genre, or a CSV with the columns path and "
        "genre, and where known artist, album and split.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, help="Processes to work with; by default one a core."),
]
Dask = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Let the workers of this Dask scheduler do it, as tcp://host:8786.",
    ),
]
CachePath = Annotated[
    Path | None,
    typer.Option(
        "--cache", help="Folder for features; by default in the user's cache."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Split = Annotated[
    str,
    typer.Option(
        help="How to hold out: auto (what the data say, else grouped), "
        "fault-filtered (GTZAN's arrays), grouped, csv, or leaky (only to reproduce "
        "published figures: everything made from it says so)."
    ),
]
GroupBy = Annotated[
    str,
    typer.Option(
        help="What stays on one side: artist, album, track, or auto (the widest that "
        "each genre allows)."
    ),
]
ValidFraction = Annotated[
    float, typer.Option(help="Share of each genre to hold out, where it is not given.")
]
Seed = Annotated[int, typer.Option(help="Of the split.")]
