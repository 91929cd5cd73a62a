"""Which tracks are trained on and which are held out: never a track on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.dataset import TRAIN, VALID

if TYPE_CHECKING:
    from collections.abc import Sequence


def split_tracks(
    groups: Sequence[str], genres: Sequence[str], *, valid_fraction: float, seed: int
) -> list[str]:
    """Hold out the same share of every genre, group by group.

    Parameters
    ----------
    groups : sequence of str
        What must stay on one side, one entry a file: the track, or the hash of its
        content so that a file stored twice is not trained on and tested on.
    genres : sequence of str
        The genre of each file.
    valid_fraction : float in (0, 1)
        Share of each genre's groups to hold out; at least one is, and one is left.
    seed : int

    Returns
    -------
    list of {"train", "valid"}
        One entry a file. It does not depend on the order of the files.

    Raises
    ------
    ConfigError
        If the fraction is out of range, or a genre has fewer than two groups.
    """
    if not 0 < valid_fraction < 1:
        raise ConfigError(
            f"--valid-fraction must be between 0 and 1, got {valid_fraction:g}"
        )
    # A group found under two genres belongs to the first, so that it has one side.
    home: dict[str, str] = {}
    for genre, group in sorted(zip(genres, groups, strict=True)):
        home.setdefault(group, genre)
    rng = np.random.default_rng(seed)
    held_out: set[str] = set()
    for genre in sorted(set(genres)):
        members = sorted(group for group, owner in home.items() if owner == genre)
        if len(members) < 2:  # noqa: PLR2004 - one a side
            raise ConfigError(
                f"the genre {genre!r} has {len(members)} usable track(s) of its own: "
                "at least 2 are needed, one to train on and one to hold out"
            )
        wanted = round(valid_fraction * len(members))
        count = min(max(wanted, 1), len(members) - 1)
        held_out.update(rng.permutation(members)[:count].tolist())
    return [VALID if group in held_out else TRAIN for group in groups]
