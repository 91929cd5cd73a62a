"""``genre-train``: train a network on your music, and see how good it is."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Annotated

import typer

from genre_daemon.commandline import (
    log_to_stderr,
    run_program,
    version_option,
)

app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Trains the network that names genres, and says honestly how good it is.",
)

RunPath = Annotated[Path, typer.Argument(help="Run folder made by 'genre-train fit'.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.callback()
def _root(
    *,
    version: Annotated[bool, version_option("genre-train")] = False,  # noqa: ARG001 - handled by its callback
) -> None:
    log_to_stderr()


@app.command()
def fit(  # noqa: PLR0913 - one parameter a flag
    data: Annotated[
        Path,
        typer.Argument(
            help="Folder of music with one folder a genre, or an arrays file (.npz)."
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Run folder to make.")],
    epochs: Annotated[
        int, typer.Option(help="Passes over the training windows.")
    ] = 300,
    seed: Annotated[
        int, typer.Option(help="Of weights, order, augmentation and split.")
    ] = 0,
    batch_size: Annotated[int, typer.Option(help="Windows in one step.")] = 32,
    model: Annotated[str, typer.Option(help="Network to train.")] = "compact",
    valid_fraction: Annotated[
        float, typer.Option(help="Share of a folder's tracks to hold out.")
    ] = 0.2,
    licence: Annotated[
        str, typer.Option(help="Terms of the recordings, kept with the model.")
    ] = "not stated",
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder for features; by default in the user's cache."),
    ] = None,
) -> None:
    """Train a network. Ctrl-C stops early and keeps what was learned."""
    from genre_train.fitting import run_fit  # noqa: PLC0415 - imports are slow
    from genre_train.loading import DataSettings  # noqa: PLC0415
    from genre_train.training import TrainSettings  # noqa: PLC0415

    # `timeout` and service managers send this; it must not cost what was learned.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = TrainSettings(
        model=model, epochs=epochs, batch_size=batch_size, seed=seed
    )
    where = DataSettings(data, valid_fraction=valid_fraction, seed=seed, cache=cache)
    report = run_fit(where, settings, out, licence)
    typer.echo(report.text)
    raise typer.Exit(report.exit_code)


@app.command()
def evaluate(
    run: RunPath,
    *,
    data: Annotated[
        Path | None, typer.Option(help="Where the data are, if they have moved.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a run on its held-out tracks again."""
    from genre_train.evaluation import evaluate as score  # noqa: PLC0415
    from genre_train.evaluation import render  # noqa: PLC0415
    from genre_train.loading import load_again  # noqa: PLC0415
    from genre_train.runs import RunFolder  # noqa: PLC0415

    folder = RunFolder(run)
    config = folder.config()
    loaded = load_again(config, data)
    metrics = score(folder.load_model(), loaded)
    metrics["run"] = folder.state()
    typer.echo(
        json.dumps(metrics, indent=2) if as_json else render(metrics, loaded.spec)
    )


@app.command("check-arrays")
def check_arrays(
    arrays: Annotated[Path, typer.Argument(help="Arrays file (.npz).")],
    clips: Annotated[
        Path, typer.Argument(help="Folder of recordings named after their tracks.")
    ],
    *,
    run: Annotated[
        Path | None,
        typer.Option(help="Run folder: also compare what its network says."),
    ] = None,
) -> None:
    """Recompute features from recordings and compare them with the arrays."""
    from genre_train.agreement import (  # noqa: PLC0415
        compare_tracks,
        render,
        same_top1,
    )
    from genre_train.runs import RunFolder  # noqa: PLC0415

    tracks = compare_tracks(arrays, clips)
    typer.echo(render(tracks))
    if run is not None:
        agreement = same_top1(RunFolder(run).load_model(), tracks)
        typer.echo(f"same top-1 from the array and as the daemon hears it: {agreement}")


def main() -> None:
    """Run ``genre-train``."""
    run_program("genre-train", app)
