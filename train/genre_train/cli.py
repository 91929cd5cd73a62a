"""``genre-train``: train a network on your music, and see how good it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from genre_daemon.commandline import (
    log_to_stderr,
    run_program,
    version_option,
)
from genre_daemon.errors import ConfigError
from genre_train.commands import experiments
from genre_train.commands.conditions import in_conditions
from genre_train.commands.crossvalidate import cross_validate, search
from genre_train.commands.features import features
from genre_train.commands.fit import fit
from genre_train.commands.index import index
from genre_train.commands.refit import embed, imitate, refit
from genre_train.commands.streaming import (
    Others,
    Playlists,
    Seed,
    fit_smoothing,
    run_streaming,
)

app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Trains the network that names genres, and says honestly how good it is.",
)

Runs = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN...",
        help="Run folder made by 'genre-train fit'; with --conditions or --streaming, "
        "a bundle or the folds of a cross-validation, too.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.callback()
def _root(
    *,
    version: Annotated[bool, version_option("genre-train")] = False,  # noqa: ARG001 - handled by its callback
) -> None:
    log_to_stderr()


app.command()(index)
app.command()(features)
app.command()(embed)
app.command()(imitate)
app.command()(fit)
app.command()(refit)
app.command("cross-validate")(cross_validate)
app.command()(search)
experiments.register(app)
app.command("fit-smoothing")(fit_smoothing)


@app.command()
def evaluate(  # noqa: PLR0913 - one parameter a flag
    runs: Runs,
    *,
    data: Annotated[
        Path | None, typer.Option(help="Where the data are, if they have moved.")
    ] = None,
    streaming: Annotated[
        bool,
        typer.Option(
            "--streaming",
            help="Score the smoothing of a run or a bundle on playlists stitched from "
            "the labelled recordings in --data; of several runs, each on those that it "
            "did not learn, smoothed by numbers fitted to what the others hear.",
        ),
    ] = False,
    others: Others = None,
    playlists: Playlists = 8,
    seed: Seed = 0,
    conditions: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Data folder: score a run or a bundle in a room, through a phone, "
            "and on sound without music instead; of several runs, each on the clips "
            "that it did not learn.",
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="BUNDLE",
            help="With --conditions of several runs: bundle whose card shall tell it.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a run on its held-out tracks again."""
    if conditions is not None:
        in_conditions(runs, conditions, into, as_json=as_json)
        return
    if into is not None:
        raise ConfigError("--into goes with --conditions: nothing else is told there")
    if streaming:
        run_streaming(runs, data, others, playlists, seed, as_json=as_json)
        return
    run, *more = runs
    if more:
        raise ConfigError(
            f"{more[0]} is one too many: several are for --conditions and --streaming"
        )
    from genre_train.evaluation import evaluate as score  # noqa: PLC0415
    from genre_train.evaluation import render  # noqa: PLC0415
    from genre_train.loading import load_again  # noqa: PLC0415
    from genre_train.runs import RunFolder  # noqa: PLC0415

    folder = RunFolder(run)
    config = folder.config()
    if "system" in config:
        experiments.evaluate_system(run, data, as_json=as_json)
        return
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
    from genre_daemon.features.spec import FeatureSpec  # noqa: PLC0415
    from genre_train.agreement import (  # noqa: PLC0415
        compare_tracks,
        render,
        same_top1,
    )
    from genre_train.runs import RunFolder  # noqa: PLC0415

    tracks = compare_tracks(arrays, clips)
    typer.echo(render(tracks))
    if run is not None:
        folder = RunFolder(run)
        spec = FeatureSpec.from_json(folder.config()["spec"])
        agreement = same_top1(folder.load_model(), tracks, spec)
        typer.echo(f"same top-1 from the array and as the daemon hears it: {agreement}")


def main() -> None:
    """Run ``genre-train``."""
    run_program("genre-train", app)
