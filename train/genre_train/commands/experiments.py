"""The commands of ``genre-train`` that concern published systems."""

# Typer reads the annotations of these parameters when it runs.
import json
from pathlib import Path
from typing import Annotated

import typer

DataPaths = Annotated[
    list[Path],
    typer.Option(
        "--data",
        help="Arrays (.npz), table of features (.csv) or folder of music; repeatable.",
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option(help="Folder for features; by default in the user's cache."),
]
Seed = Annotated[int, typer.Option(help="Of weights, order and split.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(systems)
    app.command()(report)
    app.command()(compare)
    app.command()(reproduce)
    app.command("check-table")(check_table)


def systems(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List the systems that can be trained by name, with what was published."""
    from genre_train.systems.listing import as_object, as_text  # noqa: PLC0415

    typer.echo(json.dumps(as_object(), indent=2) if as_json else as_text())


def fit_system(  # noqa: PLR0913 - what the flags of 'fit' say
    name: str,
    data: list[Path],
    out: Path,
    *,
    leaky: bool,
    clips: bool,
    epochs: int | None,
    seed: int,
    licence: str,
    cache: Path | None,
) -> int:
    """Train a published system for ``genre-train fit``, and say how good it is."""
    from genre_train.systems.experiment import Settings, run_experiment  # noqa: PLC0415
    from genre_train.systems.inputs import Sources  # noqa: PLC0415
    from genre_train.systems.listing import render  # noqa: PLC0415
    from genre_train.systems.record import read_metrics  # noqa: PLC0415

    protocol = "leaky" if leaky else "honest"
    settings = Settings(name, protocol, clips, epochs, seed, licence)
    run = run_experiment(Sources.of(data, cache, seed), settings, out)
    state = run.state()
    if state["epochs"]:
        typer.echo(render(read_metrics(out)) + "\n")
    typer.echo(f"run {out} ({state['state']}, {state['epochs']} epochs)")
    return 0 if state["state"] == "finished" else 130


def evaluate_system(run: Path, data: Path | None, *, as_json: bool) -> None:
    """Score the run of a published system again, for ``genre-train evaluate``."""
    from genre_train.runs import RunFolder  # noqa: PLC0415
    from genre_train.systems.experiment import score_again  # noqa: PLC0415
    from genre_train.systems.listing import render  # noqa: PLC0415

    folder = RunFolder(run)
    metrics = score_again(folder, [data] if data else None)
    metrics["run"] = folder.state()
    typer.echo(json.dumps(metrics, indent=2) if as_json else render(metrics))


def report(
    run: Annotated[Path, typer.Argument(help="Run folder made by 'genre-train fit'.")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; by default in the run.")
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="Where the data are, if they have moved."),
    ] = None,
) -> None:
    """Write report.html (one file, nothing else needed) and its pictures as PNG."""
    from genre_train.report.build import build_report  # noqa: PLC0415 - imports are slow

    typer.echo(str(build_report(run, out or run / "report", data)))


def compare(
    runs: Annotated[
        list[Path], typer.Argument(help="Run folders made by 'genre-train fit'.")
    ],
    *,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As a table for a document.")
    ] = False,
) -> None:
    """Put runs side by side, honest and leaky figures next to each other."""
    from genre_train.compare import as_markdown, as_text  # noqa: PLC0415
    from genre_train.compare import compare as rows_of  # noqa: PLC0415

    rows = rows_of(runs)
    typer.echo(as_markdown(rows) if markdown else as_text(rows))


def reproduce(  # noqa: PLR0913 - one parameter a flag
    *,
    data: DataPaths,
    out: Annotated[Path, typer.Option(help="Folder for the runs.")],
    compact: Annotated[
        Path | None,
        typer.Option(help="Run of the shipped network to put into the table."),
    ] = None,
    document: Annotated[
        Path | None,
        typer.Option(help="Document whose table to renew, as docs/systems.md."),
    ] = None,
    seed: Seed = 0,
    cache: Cache = None,
) -> None:
    """Train every published system, honest and leaky, and print the table.

    Stop and start it at will: what is finished is not trained again.
    """
    from genre_train.compare import as_markdown, renew_table  # noqa: PLC0415
    from genre_train.compare import compare as rows_of  # noqa: PLC0415
    from genre_train.systems.inputs import Sources  # noqa: PLC0415
    from genre_train.systems.reproduce import reproduce as train_all  # noqa: PLC0415

    runs = train_all(Sources.of(data, cache, seed), out, seed)
    table = as_markdown(rows_of([compact, *runs] if compact else runs))
    typer.echo(table)
    if document is not None:
        renew_table(document, table)


def check_table(
    table: Annotated[Path, typer.Argument(help="Table of 57 features (.csv).")],
    clips: Annotated[
        Path, typer.Argument(help="Folder of recordings named after its tracks.")
    ],
) -> None:
    """Compute summary features of recordings and compare them with a table."""
    from genre_train.systems.tablecheck import compare_with_table, render  # noqa: PLC0415

    typer.echo(render(compare_with_table(table, clips)))
