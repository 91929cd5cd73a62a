"""All systems, one after the other: honest, and leaky where their source was.

A run that is finished is not trained again, so that a reproduction may be stopped and
started at will.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.runs import FINISHED, RunFolder
from genre_train.systems.experiment import Settings, run_experiment
from genre_train.systems.registry import SYSTEMS
from genre_train.systems.sides import HONEST, LEAKY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from genre_train.systems.inputs import Sources

logger = logging.getLogger(__name__)

_FROM_RECORDINGS = ("feature-dnn", "time-axis-cnn")
"""Systems whose input only recordings hold altogether; they run on both."""


@dataclass(frozen=True)
class Planned:
    """One run of a reproduction."""

    folder: str
    sources: Sources
    settings: Settings


def plan(sources: Sources, seed: int) -> Iterator[Planned]:
    """List the runs that the sources allow.

    A system that is cut into clips when it is leaky runs honestly on the same clips,
    too, so that the split is all that differs.

    Yields
    ------
    Planned
        In the order of the registry.
    """
    files = replace(sources, audio=None)
    for name, system in SYSTEMS.items():
        clips = (False, True) if system.clips else (False,)
        for cut in clips:
            tail = "-clips" if cut else ""
            yield _planned(name, HONEST, tail, files, seed, clips=cut)
        if system.leaky:
            yield _planned(name, LEAKY, "", files, seed, clips=system.clips)
    if sources.audio is None:
        return
    recorded = replace(sources, arrays=None, table=None)
    for name in _FROM_RECORDINGS:
        for protocol in (HONEST, LEAKY) if SYSTEMS[name].leaky else (HONEST,):
            yield _planned(name, protocol, "-recordings", recorded, seed)


def _planned(  # noqa: PLR0913 - the parts of a name
    name: str,
    protocol: str,
    tail: str,
    sources: Sources,
    seed: int,
    *,
    clips: bool = False,
) -> Planned:
    settings = Settings(name, protocol, clips=clips, seed=seed)
    return Planned(f"{name}-{protocol}{tail}", sources, settings)


def reproduce(sources: Sources, out: Path, seed: int) -> list[Path]:
    """Train everything that is not there yet.

    Returns
    -------
    list of Path
        The run folders, those that were there before included.

    Raises
    ------
    ConfigError
        If a system cannot be given what it needs.
    KeyboardInterrupt
        If a training was interrupted; what is finished stays.
    """
    if sources.arrays is None or sources.table is None:
        raise ConfigError(
            "a reproduction needs log-mel arrays (.npz) and a table of features "
            "(.csv), and takes a folder of recordings besides: give each with --data"
        )
    folders = []
    for planned in plan(sources, seed):
        path = out / planned.folder
        if not RunFolder(path).finished:
            logger.info("%s", planned.folder)
            load_keras().utils.clear_session(free_memory=True)
            run = run_experiment(planned.sources, planned.settings, path)
            if run.state()["state"] != FINISHED:
                raise KeyboardInterrupt
        folders.append(path)
    return folders
