"""``genre-train embed``, ``imitate`` and ``refit``: around the training of a bundle."""

# Typer reads the annotations of these parameters when it runs.
import signal
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def embed(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Data folder with free_music, music_speech and yamnet.",
        ),
    ],
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="Labelled arrays file or folder of music."),
    ],
    *,
    out: Annotated[Path, typer.Option(help="File to make (.npz).")],
    jobs: Annotated[
        int, typer.Option(min=0, help="Processes; 0: one for each core.")
    ] = 0,
) -> None:
    """Ask musicnn and YAMNet about music without labels, and about labelled music.

    What they make of it is for 'genre-train fit --embeddings', and what they make of
    recordings that are held out for 'genre-train refit'. Labels are not looked at.
    musicnn has to be installed: pip install --no-deps musicnn==0.1.0
    """
    from genre_train.embedding import make_embeddings  # noqa: PLC0415 - slow
    from genre_train.loading import DataSettings, load  # noqa: PLC0415
    from genre_train.parallel import usable_cores  # noqa: PLC0415

    labelled = load(DataSettings(data))
    typer.echo(make_embeddings(folder, labelled, out, jobs or usable_cores()))


def imitate(  # noqa: PLR0913 - one parameter a flag
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Data folder with free_music and music_speech."
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    model: Annotated[
        str, typer.Option(help="Network, as 'genre-train fit' has them.")
    ] = "compact",
    begin_from: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="RUN",
            help="Begin with another imitation; it may have more channels.",
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(help="Batches of 64 excerpts; else 18000, with --from 5000."),
    ] = None,
    takes: Annotated[
        int,
        typer.Option(
            help="How often each recording is heard: as it is, slower, faster, then "
            "with another one beneath it.",
        ),
    ] = 5,
    seed: Annotated[int, typer.Option(help="Of weights, order and augmentation.")] = 0,
    everything: Annotated[
        bool,
        typer.Option(
            "--everything",
            help="Learn from what is held out, too, once nothing is left to choose: "
            "for 'genre-train refit --imitation'.",
        ),
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            min=0,
            help="Processes in which musicnn hears the music; 0: one for each core.",
        ),
    ] = 0,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep in a folder what musicnn heard (some 2 MB for each minute and "
            "take), for the next imitation or if this one is stopped.",
        ),
    ] = None,
) -> None:
    """Train a small network to hear what musicnn hears, on music without labels.

    It is for 'genre-train fit --imitation'. Labels are not looked at, nor are
    recordings that are held out unless you say so. musicnn has to be installed:
    pip install --no-deps musicnn==0.1.0
    """
    from genre_train.imitation.network import ImitationSettings  # noqa: PLC0415
    from genre_train.imitation.training import imitate as train  # noqa: PLC0415
    from genre_train.parallel import usable_cores  # noqa: PLC0415

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = ImitationSettings(
        model=model, takes=takes, everything=everything, seed=seed
    )
    if begin_from is not None:
        settings = settings.begun(begin_from)
    if steps is not None:
        settings = replace(settings, steps=steps)
    jobs = jobs or usable_cores()
    typer.echo(train(folder, out, settings, jobs=jobs, cache=cache))


def refit(
    run: Annotated[
        Path, typer.Argument(help="Finished run whose settings are to be used.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Run folder to make.")],
    data: Annotated[
        Path | None, typer.Option(help="Where the data are, if they have moved.")
    ] = None,
    begin_from: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="RUN",
            help="If the run was begun from another one: that one, refitted.",
        ),
    ] = None,
    imitation: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="If the run has learned by an imitation: one of everything, by which "
            "to learn now.",
        ),
    ] = None,
) -> None:
    """Train again on everything, what is held out too, once all is chosen.

    That is tracks and, of a background, recordings. No figure can be measured on the
    new run: those of the former run stand for it.
    """
    from genre_train.refitting import run_refit  # noqa: PLC0415 - imports are slow

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    report = run_refit(run, out, data, begin_from, imitation)
    typer.echo(report.text)
    raise typer.Exit(report.exit_code)
