"""What a channel costs, where each clip is heard by a network that did not learn it.

A single network knows the tracks of its own training side, and names them rightly
oftener as they are than changed: a channel then seems to cost more than it does with
other music. The networks of a cross-validation share the clips among them instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.clusters import clustered_share
from genre_train.conditions import (
    CLEAN,
    CLIPS,
    DESCRIPTIONS,
    ROOMS,
    against_clean,
    list_clips,
    listen,
    listening,
    named_rightly,
)
from genre_train.dataset import VALID
from genre_train.ears import RunEar
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.nomusic import Source


def evaluate_unlearned(
    runs: Sequence[Path], folder: Path, n_rooms: int = ROOMS
) -> dict[str, Any]:
    """Measure runs under every condition, each on the clips that it holds out.

    Returns
    -------
    dict
        ``accuracy`` by condition, and ``change`` against clean, over all clips that any
        run holds out; of 5 s windows, a second apart. Intervals account for windows of
        one recording being alike.

    Raises
    ------
    ConfigError
        If no clip is held out by any, or one is by two.
    AudioError
        If a clip cannot be decoded.
    """
    right: dict[str, list[NDArray[np.bool_]]] = {name: [] for name in DESCRIPTIONS}
    names: list[str] = []
    for run, clips in zip(runs, _shared(runs, folder), strict=True):
        if not clips:
            continue
        ear = RunEar(run)
        heard = listen(ear, clips, listening(ear.spec.sample_rate, n_rooms))
        for name, kinds in heard.items():
            right[name].append(named_rightly(ear, kinds[CLIPS]))
        names += heard[CLEAN][CLIPS].recordings
    whole = {name: np.concatenate(parts) for name, parts in right.items()}
    return {
        "model": f"{len(runs)} runs, each on the clips that it did not learn",
        "conditions": DESCRIPTIONS,
        "accuracy": {
            name: clustered_share(one, names).to_json() for name, one in whole.items()
        },
        "change": against_clean(whole, names),
    }


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
