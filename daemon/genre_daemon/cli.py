"""``genre-daemon``: listen, classify files, and show what there is."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

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
    help="Names the genre of the music in the room, and tells the home over MQTT.",
)

ConfigPath = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="TOML file; by default ~/.config/genre-listen/config.toml, "
        "then /etc/genre-listen/config.toml.",
    ),
]
BundlePath = Annotated[
    Path | None, typer.Option("--bundle", help="Model to use instead of the shipped.")
]


@app.callback()
def _root(
    *,
    version: Annotated[bool, version_option("genre-daemon")] = False,
) -> None:
    pass


@app.command()
def run(  # noqa: PLR0913 - one parameter a flag
    *,
    config: ConfigPath = None,
    device: Annotated[
        str | None,
        typer.Option(
            "--source",
            "--device",
            metavar="SOURCE",
            help="What to listen to: a microphone's name or part of it, a file, the "
            "URL of a stream, '-' for PCM on standard input, or 'demo'.",
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="MQTT broker; without one, an embedded one.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the broker.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of this node; by default the host name.")
    ] = None,
    bundle: BundlePath = None,
    threshold: Annotated[
        float | None, typer.Option(help="Confidence under which to say 'unknown'.")
    ] = None,
    duration: Annotated[
        float | None, typer.Option(min=0.1, help="Stop after so many seconds.")
    ] = None,
    or_demo: Annotated[
        bool,
        typer.Option("--or-demo", help="Without a microphone, play a built-in demo."),
    ] = False,
    display: Annotated[
        bool, typer.Option("--display", help="Show what is heard, as genre-listen.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False,
) -> None:
    """Listen to the room and publish its genre over MQTT until stopped."""
    from genre_daemon.config import load_config  # noqa: PLC0415 - imports are slow
    from genre_daemon.running import run_displayed, run_service  # noqa: PLC0415

    flags = {
        "audio.device": device,
        "mqtt.host": host,
        "mqtt.port": port,
        "node.name": name,
        "classify.bundle": None if bundle is None else str(bundle),
        "classify.threshold": threshold,
    }
    load = partial(load_config, config, flags)
    runner = run_displayed if display else run_service
    raise typer.Exit(
        runner(load, or_demo=or_demo, duration_s=duration, verbose=verbose)
    )


@app.command()
def file(
    paths: Annotated[list[Path], typer.Argument(help="Recordings to classify.")],
    *,
    bundle: BundlePath = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a file.")
    ] = False,
    windows: Annotated[
        bool, typer.Option("--windows", help="Show every prediction.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="PNG", help="Draw spectrogram and verdicts of one file."),
    ] = None,
) -> None:
    """Classify audio files through the very same pipeline as the microphone."""
    from genre_daemon.errors import AudioError  # noqa: PLC0415
    from genre_daemon.inference.bundle import SHIPPED, read_bundle  # noqa: PLC0415
    from genre_daemon.recording.report import classify_file, render  # noqa: PLC0415

    if plot is not None and len(paths) > 1:
        raise typer.BadParameter("--plot draws one file at a time")
    log_to_stderr()
    model = read_bundle(bundle or SHIPPED)
    exit_code = 0
    for path in paths:
        try:
            report = classify_file(path, model)
        except AudioError as error:
            # One bad file does not keep the others from being answered.
            typer.echo(f"genre-daemon: {error}", err=True)
            exit_code = error.exit_code
            continue
        if plot is not None:
            from genre_daemon.recording.plot import plot_file  # noqa: PLC0415

            plot_file(report, model.info.spec, plot)
        if as_json:
            typer.echo(json.dumps(report.to_json(windows=windows)))
        else:
            from rich.console import Console  # noqa: PLC0415

            Console().print(render(report, windows=windows))
    raise typer.Exit(exit_code)


@app.command()
def devices() -> None:
    """List the inputs that can be listened to."""
    from genre_daemon.sources.devices import list_inputs, render  # noqa: PLC0415

    typer.echo(render(list_inputs()))


@app.command()
def doctor(
    *,
    config: ConfigPath = None,
    device: Annotated[str | None, typer.Option(help="Input to examine.")] = None,
    host: Annotated[str | None, typer.Option(help="MQTT broker to examine.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the broker.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object with all findings.")
    ] = False,
) -> None:
    """Examine microphone, level, broker, clock, model and disk; say what to do.

    The exit code is the number of problems found.
    """
    from genre_daemon.doctor.command import run_doctor  # noqa: PLC0415 - slow

    flags = {"audio.device": device, "mqtt.host": host, "mqtt.port": port}
    raise typer.Exit(run_doctor(config, flags, as_json=as_json))


@app.command()
def model(
    bundle: Annotated[
        Path | None, typer.Argument(help="A bundle; by default the shipped one.")
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="All of it, as JSON.")
    ] = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="As a page of documentation.")
    ] = False,
) -> None:
    """Show what a model bundle says of itself."""
    from genre_daemon.inference.bundle import SHIPPED, read_bundle  # noqa: PLC0415
    from genre_daemon.inference.modelcard import (  # noqa: PLC0415
        as_object,
        markdown,
        render,
    )

    loaded = read_bundle(bundle or SHIPPED)
    if as_json:
        typer.echo(json.dumps(as_object(loaded), indent=2))
    else:
        typer.echo(markdown(loaded) if as_markdown else render(loaded))


@app.command()
def forget(
    node: Annotated[str, typer.Argument(help="Name of a node that is no more.")],
    *,
    config: ConfigPath = None,
    host: Annotated[str | None, typer.Option(help="MQTT broker.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the broker.")] = None,
) -> None:
    """Remove a node from the broker, and with it from Home Assistant."""
    from genre_daemon.config import load_config  # noqa: PLC0415
    from genre_daemon.homeassistant import forget as removal  # noqa: PLC0415
    from genre_daemon.mqtt.settings import MqttSettings  # noqa: PLC0415

    loaded = load_config(config, {"mqtt.host": host, "mqtt.port": port})
    cleared = removal.forget(
        loaded.mqtt or MqttSettings(),
        node,
        base_topic=loaded.base_topic,
        prefix=loaded.discovery_prefix,
    )
    if not cleared:
        typer.echo(f"the broker knows no node {node!r}: nothing was removed", err=True)
        raise typer.Exit(1)
    typer.echo(f"removed {node}: {len(cleared)} topics cleared")


@app.command("check-config")
def check_config(config: ConfigPath = None) -> None:
    """Validate the configuration and show what it comes to."""
    from genre_daemon.config import Config, load_config  # noqa: PLC0415
    from genre_daemon.sources.address import public_name  # noqa: PLC0415

    loaded: Config = load_config(config)
    lines: list[tuple[str, Any]] = [
        ("file", loaded.source or "none found; defaults are used"),
        ("broker", loaded.mqtt.address if loaded.mqtt else "embedded, 127.0.0.1"),
        ("bundle", loaded.bundle),
    ]
    for source in loaded.sources:
        lines += [
            ("node", source.node),
            ("source", public_name(source.device)),
            ("topics", f"{loaded.base_topic}/{source.node}/..."),
        ]
    for key, value in lines:
        typer.echo(f"{key:8}{value}")


def main() -> None:
    """Run ``genre-daemon``."""
    run_program("genre-daemon", app)
