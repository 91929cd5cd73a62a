"""What a channel costs, where each clip is heard by a network that did not learn it.

A single network knows the tracks of its own training side, and names them rightly
oftener as they are than changed: a channel then seems to cost more than it does with
other music. The networks of a cross-validation share the clips among them instead. With
so few clips, which room each of them gets is half of the matter: each gets them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.clusters import clustered_share, paired_change
from genre_train.conditions import (
    CLEAN,
    CLIPS,
    DESCRIPTIONS,
    ROOM,
    ROOMS,
    list_clips,
    listen,
    listening,
    named_rightly,
)
from genre_train.dataset import VALID
from genre_train.ears import RunEar
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.ears import Ear
    from genre_train.nomusic import Source


def evaluate_unlearned(
    runs: Sequence[Path], folder: Path, n_rooms: int = ROOMS
) -> dict[str, Any]:
    """Measure runs under every condition, each on the clips that it holds out.

    Returns
    -------
    dict
        ``accuracy`` by condition, and ``change`` against clean, over all clips that any
        run holds out, each played in every room; of 5 s windows, a second apart.
        Intervals account for windows of one recording being alike.

    Raises
    ------
    ConfigError
        If no clip is held out by any, or one is by two.
    AudioError
        If a clip cannot be decoded.
    """
    found = {name: _Hits([], [], []) for name in DESCRIPTIONS}
    for run, clips in zip(runs, _shared(runs, folder), strict=True):
        if clips:
            _listen_everywhere(RunEar(run), clips, n_rooms, found)
    return {
        "model": f"{len(runs)} runs, each on the clips that it did not learn",
        "conditions": {
            **DESCRIPTIONS,
            ROOM: f"{DESCRIPTIONS[ROOM]}, each clip in {n_rooms}",
        },
        "accuracy": {
            name: clustered_share(np.concatenate(hits.right), hits.names).to_json()
            for name, hits in found.items()
        },
        "change": {
            name: paired_change(
                np.concatenate(hits.clean), np.concatenate(hits.right), hits.names
            )
            for name, hits in found.items()
            if name != CLEAN
        },
    }


@dataclass(frozen=True)
class _Hits:
    """Under one condition, of each run and each time that it was played to."""

    right: list[NDArray[np.bool_]]
    """Whether each window is given its genre."""
    clean: list[NDArray[np.bool_]]
    """Whether the same window is as it is."""
    names: list[str]
    """What each window was cut from."""


def _listen_everywhere(
    ear: Ear, clips: Mapping[int, Source], n_rooms: int, found: Mapping[str, _Hits]
) -> None:
    """Play clips to a run under every condition, and in every room."""
    plays = listening(ear.spec.sample_rate, n_rooms)
    heard = [listen(ear, clips, plays)]
    for turn in range(1, n_rooms):  # the number of a clip chooses its room
        numbered = {number + turn: clip for number, clip in clips.items()}
        heard.append(listen(ear, numbered, {ROOM: plays[ROOM]}))
    clean = named_rightly(ear, heard[0][CLEAN][CLIPS])
    for conditions in heard:
        for name, kinds in conditions.items():
            found[name].right.append(named_rightly(ear, kinds[CLIPS]))
            found[name].clean.append(clean)
            found[name].names.extend(kinds[CLIPS].recordings)


def _shared(runs: Sequence[Path], folder: Path) -> list[dict[int, Source]]:
    """Return the clips of each run, by their numbers among all."""
    clips = dict(enumerate(list_clips(folder)))
    shares, taken = [], set[int]()
    for run in runs:
        sides = RunFolder(run).sides()
        mine = {
            number: source
            for number, source in clips.items()
            if sides.get(source.name.partition("/")[2]) == VALID
        }
        twice = taken & set(mine)
        if twice:
            raise ConfigError(
                f"{run} holds out {clips[min(twice)].name}, as another run does: name "
                "the folds of one cross-validation"
            )
        taken |= set(mine)
        shares.append(mine)
    if not taken:
        raise ConfigError(f"no clip in {folder} is held out by any of these runs")
    return shares
