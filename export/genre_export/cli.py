"""``genre-export``: make the file that the daemon runs, and check it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from genre_daemon import __version__
from genre_daemon.commandline import (
    log_to_stderr,
    run_program,
    version_option,
)

app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Turns a trained run into the bundle that genre-daemon runs.",
)

RunPath = Annotated[Path, typer.Argument(help="Run folder made by 'genre-train fit'.")]
BundlePath = Annotated[Path, typer.Argument(help="Bundle (.tflite) to look at.")]
DataPath = Annotated[
    Path | None,
    typer.Option("--data", help="Where the run's data are, if they have moved."),
]


@app.callback()
def _root(
    *,
    version: Annotated[bool, version_option("genre-export")] = False,  # noqa: ARG001 - handled by its callback
) -> None:
    log_to_stderr()


@app.command()
def build(  # noqa: PLR0913 - one parameter a flag
    run: RunPath,
    *,
    out: Annotated[Path, typer.Option(help="Bundle to write, as model.tflite.")],
    name: Annotated[str, typer.Option(help="Name of the model.")] = "genre-listen",
    version: Annotated[str, typer.Option(help="Version of the model.")] = __version__,
    per_genre: Annotated[
        int, typer.Option(min=1, help="Training patches a genre to measure ranges on.")
    ] = 40,
    tuning_steps: Annotated[
        int, typer.Option(min=0, help="Batches to tune the network to int8 on.")
    ] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Of patches and batches.")] = 0,
    data: DataPath = None,
    held_out: Annotated[
        Path | None,
        typer.Option(
            help="Logits of a cross-validation (.npz) to calibrate on, for a run that "
            "left nothing held out."
        ),
    ] = None,
    twin: Annotated[
        Path | None,
        typer.Option(
            metavar="BUNDLE",
            help="For a run of 'genre-train refit': bundle of the run it was refitted "
            "after, whose calibration and figures are told.",
        ),
    ] = None,
    conditions: Annotated[
        Path | None,
        typer.Option(help="Data folder: also measure rooms and no-music (minutes)."),
    ] = None,
    notes: Annotated[
        Path | None,
        typer.Option(help="Text file, a sentence a line: limits and licence, to tell."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write it even if int8 costs too much.")
    ] = False,
) -> None:
    """Convert a run to int8, calibrate it, compare it, and write the bundle."""
    from genre_export.opening import ExportSettings  # noqa: PLC0415 - imports are slow
    from genre_export.package import build as make  # noqa: PLC0415

    settings = ExportSettings(
        name=name,
        version=version,
        per_genre=per_genre,
        tuning_steps=tuning_steps,
        seed=seed,
        data=data,
        held_out=held_out,
        twin=twin,
        conditions=conditions,
        notes=notes,
    )
    typer.echo(make(run, out, settings, force=force).render())
    typer.echo(f"bundle {out} ({out.stat().st_size / 1e3:.0f} kB)")


@app.command()
def verify(bundle: BundlePath, run: RunPath, *, data: DataPath = None) -> None:
    """Compare a bundle with the network it was made from, on held-out patches."""
    from genre_daemon.inference.bundle import read_bundle  # noqa: PLC0415
    from genre_export.package import verify as compare  # noqa: PLC0415

    found = compare(read_bundle(bundle), run, data)
    typer.echo(found.render())
    found.parity.require()


@app.command()
def show(bundle: BundlePath) -> None:
    """Print what a bundle says of itself, as JSON."""
    from genre_daemon.inference.bundle import read_bundle  # noqa: PLC0415
    from genre_daemon.inference.modelcard import as_object  # noqa: PLC0415

    typer.echo(json.dumps(as_object(read_bundle(bundle)), indent=2))


@app.command()
def bench(
    bundle: BundlePath,
    *,
    runs: Annotated[int, typer.Option(min=1, help="Patches to time.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Time one patch on this machine."""
    from genre_daemon.inference.bundle import read_bundle  # noqa: PLC0415
    from genre_export.benchmark import bench as measure  # noqa: PLC0415

    timing = measure(read_bundle(bundle), runs)
    typer.echo(json.dumps(asdict(timing)) if as_json else timing.render())


def main() -> None:
    """Run ``genre-export``."""
    run_program("genre-export", app)
