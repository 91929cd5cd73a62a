"""Who is trained on, who stops the training, and who is held out.

*Honest*: a track is on one side, the one that its collection gives it (GTZAN's
fault-filtered split) or the grouped split of a folder. *Leaky*: a fifth of the
examples of every genre, drawn at random, whatever track they belong to. Windows of
one track then are on both sides, and the network is asked about what it has seen:
this exists to show how published figures came about, and is labelled everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_train.split import split_tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_train.systems.material import Material

HONEST, LEAKY = "honest", "leaky"
"""The two protocols."""

_LEAKY_SHARE = 0.2  # held out, as the published systems did
_STOP_SHARE = 1 / 6  # of the training side


@dataclass(frozen=True)
class Sides:
    """Three sets of indices that share no example."""

    fit: NDArray[np.int64]
    """Trained on."""
    stop: NDArray[np.int64]
    """Part of the training side that early stopping watches; may be empty."""
    held_out: NDArray[np.int64]
    """Only ever measured."""
    words: str
    """How the sides were chosen."""

    def mask(self, n: int) -> NDArray[np.bool_]:
        """Return which of ``n`` examples are held out, shape (n,)."""
        held_out = np.zeros(n, bool)
        held_out[self.held_out] = True
        return held_out


def choose(material: Material, protocol: str, seed: int, *, stopping: bool) -> Sides:
    """Divide the examples by one of the two protocols.

    Parameters
    ----------
    protocol : {"honest", "leaky"}
    seed : int
    stopping : bool
        Keep a sixth of the training side for early stopping, chosen as the protocol
        chooses: by track, or at random. The held-out side stops nothing, or it would
        not be held out.
    """
    examples, labels = material.examples, np.array(material.labels)
    genres = labels[examples.genre].tolist()
    if protocol == LEAKY:
        groups = [f"{i:09d}" for i in range(len(examples))]
        held_out = _draw(groups, genres, _LEAKY_SHARE, seed)
    else:
        groups = examples.track.tolist()
        held_out = material.held_out
    trained = np.flatnonzero(~held_out)
    stops = np.zeros(len(trained), bool)
    if stopping:
        stops = _draw(
            [groups[i] for i in trained],
            [genres[i] for i in trained],
            _STOP_SHARE,
            seed,
        )
    shared = np.intersect1d(examples.track[~held_out], examples.track[held_out])
    return Sides(
        trained[~stops],
        trained[stops],
        np.flatnonzero(held_out),
        _words(material, protocol, len(shared)),
    )


def _words(material: Material, protocol: str, shared_tracks: int) -> str:
    if protocol == HONEST:
        return f"honest: {material.split}"
    if shared_tracks:
        return (
            "leaky: a random fifth of the examples is held out, and "
            f"{shared_tracks} tracks are on both sides"
        )
    return "leaky: a random fifth of the tracks is held out, artists on both sides"


def _draw(
    groups: list[str], genres: list[str], fraction: float, seed: int
) -> NDArray[np.bool_]:
    sides = split_tracks(groups, genres, valid_fraction=fraction, seed=seed)
    return np.array([side != "train" for side in sides])
