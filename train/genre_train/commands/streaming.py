"""The commands of ``genre-train`` that concern smoothing and playlists."""

# Typer reads the annotations of these parameters when it runs.
import json
from pathlib import Path
from typing import Annotated

import typer

from genre_daemon.errors import ConfigError

Others = Annotated[
    list[Path] | None,
    typer.Option(
        "--others",
        help="With --streaming: folder of speech or household sound; repeatable.",
    ),
]
Playlists = Annotated[
    int, typer.Option(min=1, help="With --streaming: playlists of 10 songs to draw.")
]
Seed = Annotated[int, typer.Option(help="With --streaming: of the playlists.")]


def run_streaming(  # noqa: PLR0913 - the flags of 'evaluate'
    paths: list[Path],
    music: Path | None,
    others: list[Path] | None,
    playlists: int,
    seed: int,
    *,
    as_json: bool,
) -> None:
    """Print the figures of raw, moving average and the daemon's own smoother.

    Several runs share the recordings: see :func:`evaluate_in_turn`.
    """
    from genre_train.streaming.command import (  # noqa: PLC0415 - imports are slow
        Material,
        evaluate_in_turn,
        evaluate_streaming,
    )

    if music is None:
        raise ConfigError(
            "--streaming needs recordings to play: name their folder with --data"
        )
    material = Material(music, tuple(others or ()), playlists, seed)
    if len(paths) == 1:
        result = evaluate_streaming(paths[0], material)
    else:
        result = evaluate_in_turn(paths, material)
    text = result.pop("text")
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    typer.echo(
        f"{result['playlists']} playlists, {result['hours']:.1f} h, of "
        f"{len(result['recordings'])} recordings"
    )
    if result["also_fitted_on"]:
        typer.echo(
            f"{len(result['also_fitted_on'])} of them were used to fit the smoothing: "
            "these are no held-out figures"
        )
    typer.echo("\n" + text)


def fit_smoothing(  # noqa: PLR0913 - one parameter a flag
    models: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN|BUNDLE...",
            help="Networks that did not hear the recordings: runs, each of which "
            "leaves out those it was trained on, or a bundle.",
        ),
    ],
    *,
    music: Annotated[
        Path,
        typer.Option(
            "--data",
            help="Folder of labelled recordings, as jazz/x.flac or jazz.1.flac.",
        ),
    ],
    into: Annotated[
        Path | None,
        typer.Option(help="Bundle to write the numbers into; by default BUNDLE."),
    ] = None,
    others: Others = None,
    playlists: Playlists = 8,
    seed: Seed = 1,
    keep_threshold: Annotated[
        bool,
        typer.Option(
            "--keep-threshold",
            help="Leave the bundle's threshold of 'unknown' as it is, where it was "
            "fitted to more recordings than these.",
        ),
    ] = False,
) -> None:
    """Fit the smoothing on stitched playlists and write it into a bundle.

    Each network hears as many playlists as --playlists says.
    """
    from genre_train.streaming.command import Material, fit_bundle  # noqa: PLC0415

    if into is None and (len(models) > 1 or models[0].is_dir()):
        raise ConfigError(
            f"{models[0]} is not the only network, or a run: "
            "name the bundle to write with --into"
        )
    fitted = fit_bundle(
        models,
        into or models[0],
        Material(music, tuple(others or ()), playlists, seed),
        keep_threshold=keep_threshold,
    )
    for name, value in vars(fitted.filter).items():
        typer.echo(f"{name:16} {value:g}")
    typer.echo(f"{'threshold':16} {fitted.threshold:g}")
    typer.echo(f"moving average   {fitted.average_length} (to compare with)")
