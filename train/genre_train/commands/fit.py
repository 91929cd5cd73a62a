"""``genre-train fit``: train a network, and go on where one was killed."""

# Typer reads the annotations of these parameters when it runs.
import signal
from pathlib import Path
from typing import Annotated

import typer

from genre_train.commands.experiments import fit_system
from genre_train.commands.options import CachePath, GroupBy, Split, ValidFraction


def fit(  # noqa: PLR0913 - one parameter a flag
    data: Annotated[
        Path,
        typer.Argument(
            help="Folder of music with one folder a genre, a CSV, or an arrays file "
            "(.npz). With --data, the name of a system instead.",
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Run folder to make.")],
    system_data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data",
            help="What to train a system of 'genre-train systems' on; repeatable.",
        ),
    ] = None,
    clips: Annotated[
        bool,
        typer.Option(
            "--clips", help="Of a system: cut windows into overlapping clips."
        ),
    ] = False,
    epochs: Annotated[
        int | None,
        typer.Option(help="Passes over the training windows; 300, or as published."),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Of weights, order, augmentation and split.")
    ] = 0,
    batch_size: Annotated[int, typer.Option(help="Windows in one step.")] = 32,
    model: Annotated[
        str | None,
        typer.Option(
            help="Network to train; by default compact, or that of the run begun from."
        ),
    ] = None,
    begin_from: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="RUN",
            help="Begin with what this run has learned, as to add a genre.",
        ),
    ] = None,
    background: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Data folder with sound that is no music, to learn to tell it apart.",
        ),
    ] = None,
    embeddings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Made by 'genre-train embed' of the same data: learn from what other "
            "networks think of the background's music, too.",
        ),
    ] = None,
    imitation: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Made by 'genre-train imitate': learn the labels by what that network "
            "hears, in a minute. Epochs and batches do not count then.",
        ),
    ] = None,
    room: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Share of windows that are played in a simulated room.",
        ),
    ] = 0.0,
    unlabelled: Annotated[
        int,
        typer.Option(
            help="Chunks of the background's music in a step; more where there are "
            "embeddings of it."
        ),
    ] = 8,
    no_music_margin: Annotated[
        float,
        typer.Option(
            min=0.0,
            help="Name no_music only where it is exp(margin) times as likely as any "
            "genre.",
        ),
    ] = 0.0,
    patience: Annotated[
        int,
        typer.Option(help="Stop after so many epochs without a gain; 0 never does."),
    ] = 0,
    devices: Annotated[
        int,
        typer.Option(
            help="Share each batch among so many devices; 0: all graphics cards there "
            "are, or the processor."
        ),
    ] = 0,
    split: Split = "auto",
    group_by: GroupBy = "auto",
    windows_per_track: Annotated[
        int, typer.Option(help="At most so many, spread over the track.")
    ] = 12,
    valid_fraction: ValidFraction = 0.2,
    licence: Annotated[
        str, typer.Option(help="Terms of the recordings, kept with the model.")
    ] = "not stated",
    cache: CachePath = None,
) -> None:
    """Train a network. Ctrl-C stops early and keeps what was learned.

    Stopped or killed, the same command goes on after the last finished epoch.
    """
    from genre_train.augment import AugmentSettings  # noqa: PLC0415 - imports are slow
    from genre_train.devices import Devices  # noqa: PLC0415
    from genre_train.earlier import EarlierRun  # noqa: PLC0415
    from genre_train.fitting import run_fit  # noqa: PLC0415 - imports are slow
    from genre_train.ingredients import Ingredients  # noqa: PLC0415
    from genre_train.loading import DataSettings  # noqa: PLC0415
    from genre_train.trainsettings import TrainSettings  # noqa: PLC0415

    # `timeout` and service managers send this; it must not cost what was learned.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if system_data and str(data) != "compact":
        code = fit_system(
            str(data),
            system_data,
            out,
            leaky=split == "leaky",
            clips=clips,
            epochs=epochs,
            seed=seed,
            licence=licence,
            cache=cache,
        )
        raise typer.Exit(code)
    if system_data:
        data = system_data[0]
    earlier = None if begin_from is None else EarlierRun.open(begin_from)
    if epochs is None:
        epochs = 300 if imitation is None else 1
    settings = TrainSettings(
        model=model or ("compact" if earlier is None else earlier.model_name),
        epochs=epochs,
        batch_size=batch_size,
        unlabelled=unlabelled,
        no_music_margin=no_music_margin,
        seed=seed,
        patience=patience,
        devices=devices,
        augment=AugmentSettings(room=room),
    )
    if devices > 1:
        Devices.choose(devices)  # refuse before hours of features, not after
    where = DataSettings(
        data,
        valid_fraction=valid_fraction,
        seed=seed,
        cache=cache,
        split=split,
        group_by=group_by,
        windows_per_track=windows_per_track,
    )
    if earlier is not None:
        where, settings = earlier.adapt(where, settings)
    report = run_fit(
        where,
        settings,
        out,
        licence,
        earlier=earlier,
        ingredients=Ingredients(background, embeddings, imitation),
    )
    typer.echo(report.text)
    raise typer.Exit(report.exit_code)
