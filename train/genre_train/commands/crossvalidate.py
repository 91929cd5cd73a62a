"""``genre-train cross-validate`` and ``search``: runs repeated on every fold."""

# Typer reads the annotations of these parameters when it runs.
import json
import signal
from pathlib import Path
from typing import Annotated

import typer

FoldCount = Annotated[int, typer.Option("--folds", min=2, help="How many folds.")]
FoldNumbers = Annotated[
    list[int] | None,
    typer.Option(
        "--fold",
        metavar="K",
        help="Compute this fold only, counted from 1; repeatable, so that several "
        "processes can share the work.",
    ),
]
Sides = Annotated[
    bool,
    typer.Option(
        "--sides",
        help="Two folds, which are the sides that an arrays file divides its tracks "
        "into: what it keeps apart, as artists, stays apart.",
    ),
]
FoldSeed = Annotated[int, typer.Option(help="Of the folds; a training keeps its own.")]
Data = Annotated[
    Path | None, typer.Option(help="Where the labelled data are, if they have moved.")
]
Background = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Where the data folder of the background is, if it moved."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def cross_validate(  # noqa: PLR0913 - one parameter a flag
    run: Annotated[Path, typer.Argument(help="Finished run that is to be repeated.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder for the folds and the result.")],
    folds: FoldCount = 5,
    fold: FoldNumbers = None,
    sides: Sides = False,
    seed: FoldSeed = 0,
    data: Data = None,
    background: Background = None,
    epochs_share: Annotated[
        float,
        typer.Option(
            help="Of every training's epochs; less than 1 answers sooner, and with "
            "lower figures."
        ),
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Repeat a run on every fold of its tracks, and judge each track unheard.

    For each fold, all that has seen labels is trained again without its tracks: the
    run, those it was begun from, and what its teachers know of genres. Stop and start
    it at will: at most an epoch is lost.
    """
    from genre_train.crossvalidation.recipe import Places, recipe_of  # noqa: PLC0415
    from genre_train.crossvalidation.resultstext import render  # noqa: PLC0415
    from genre_train.crossvalidation.validating import CrossValidation  # noqa: PLC0415

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    recipe = recipe_of(run, Places(data, background))
    recipe = recipe.shortened(epochs_share)
    validation = CrossValidation(
        recipe, out.resolve(), 2 if sides else folds, seed, sides
    )
    validation.run(fold or [])
    if validation.done != validation.numbers:
        missing = sorted(set(validation.numbers) - set(validation.done))
        typer.echo(
            f"{out}: still to be computed: fold {', '.join(map(str, missing))}; the "
            "table comes with the last one"
        )
        return
    result = validation.result()
    typer.echo(json.dumps(result, indent=2) if as_json else render(result))


def search(  # noqa: PLR0913 - one parameter a flag
    run: Annotated[
        Path, typer.Argument(help="Finished run that the candidates are changes of.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for all that is trained.")],
    candidates: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What to try (.toml), as train/search.toml."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Try the run with this network; repeatable."),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(help="Of each candidate given with --model; else as in RUN."),
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(help="Of weights, order and augmentation; repeatable."),
    ] = None,
    folds: FoldCount = 5,
    fold: FoldNumbers = None,
    sides: Sides = False,
    data: Data = None,
    background: Background = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As a table for a document.")
    ] = False,
) -> None:
    """Cross-validate changes of a run on the same folds, and compare them.

    Give few epochs to each: what wins is then trained as long as it needs. Stop and
    start it at will; the table is of the folds that are done.
    """
    from genre_train.crossvalidation import searchtext  # noqa: PLC0415
    from genre_train.crossvalidation.candidates import choose  # noqa: PLC0415
    from genre_train.crossvalidation.recipe import Places, recipe_of  # noqa: PLC0415
    from genre_train.crossvalidation.search import Search  # noqa: PLC0415

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    recipe = recipe_of(run, Places(data, background))
    chosen = choose(candidates, model or [], epochs)
    seeds = tuple(seed or [0])
    looked_for = Search(
        recipe, chosen, out.resolve(), 2 if sides else folds, seeds, sides
    )
    looked_for.run(fold or [])
    rows = looked_for.result()
    typer.echo(searchtext.as_markdown(rows) if markdown else searchtext.as_text(rows))
