"""``genre-train pretrain``, ``soft-labels`` and ``refit``: the way to a bundle."""

# Typer reads the annotations of these parameters when it runs.
import signal
from pathlib import Path
from typing import Annotated

import typer


def pretrain(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Data folder with free_music, music_speech, esc10 and yamnet.",
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="File to make (.keras).")],
    steps: Annotated[int, typer.Option(min=1, help="Batches of 48 windows.")] = 4000,
    seed: Annotated[int, typer.Option(help="Of weights, order and variation.")] = 0,
) -> None:
    """Teach a network on music without labels what YAMNet hears in it.

    What it has learned is a beginning for 'genre-train fit --trunk'. Nothing is
    learned from recordings that are held out.
    """
    from genre_train.pretrained import make_trunk  # noqa: PLC0415 - imports are slow
    from genre_train.pretraining import PretrainSettings  # noqa: PLC0415

    settings = PretrainSettings(steps=steps, seed=seed)
    typer.echo(make_trunk(data, out, settings))


def soft_labels(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Data folder with free_music, music_speech and yamnet."
        ),
    ],
    *,
    teacher: Annotated[
        list[Path],
        typer.Option(metavar="RUN", help="Finished run to be asked; repeatable."),
    ],
    out: Annotated[Path, typer.Option(help="File to make (.npz).")],
) -> None:
    """Ask trained networks and YAMNet what genre unlabelled music is.

    What they say together is for 'genre-train fit --soft-labels'.
    """
    from genre_train.teachers import make_soft_labels  # noqa: PLC0415 - imports are slow

    typer.echo(make_soft_labels(data, teacher, out))


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
) -> None:
    """Train again on everything, held-out tracks too, once all is chosen.

    No figure can be measured on the new run: those of the former run stand for it.
    """
    from genre_train.refitting import run_refit  # noqa: PLC0415 - imports are slow

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    report = run_refit(run, out, data, begin_from)
    typer.echo(report.text)
    raise typer.Exit(report.exit_code)
