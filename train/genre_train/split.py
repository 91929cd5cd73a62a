"""Which tracks are trained on and which are held out: never a track on both sides.

But for :func:`leaky_sides`, which exists to reproduce figures that were published
from such splits.
"""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.dataset import TRAIN, VALID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_FOLDS = 10


def split_tracks(
    groups: Sequence[str], genres: Sequence[str], *, valid_fraction: float, seed: int
) -> list[str]:
    """Hold out about the same share of every genre, group by group.

    Parameters
    ----------
    groups : sequence of str
        What must stay on one side, one entry a file: the track, its artist, or the
        hash of its content so that a file stored twice is not trained on and tested
        on.
    genres : sequence of str
        The genre of each file.
    valid_fraction : float in (0, 1)
        Share of the files to hold out, in simple fractions down to a tenth. Every
        genre has at least one group on either side.
    seed : int

    Returns
    -------
    list of {"train", "valid"}
        One entry a file. It does not depend on the order of the files.

    Raises
    ------
    ConfigError
        If the fraction is out of range, or a genre has fewer than two groups.

    Notes
    -----
    scikit-learn's ``StratifiedGroupKFold`` makes folds of equal size and mixture as
    far as the groups allow; some of them are held out. Where that leaves a genre on
    one side only, as it may with few groups, its smallest group changes sides.
    """
    _check_fraction(valid_fraction)
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for genre, group in zip(genres, groups, strict=True):
        homes[group].add(genre)
    owned = {genre: _owned(genre, homes) for genre in sorted(set(genres))}
    held_out = _folds(groups, genres, valid_fraction, seed)
    sizes = Counter(groups)
    for genre, own in owned.items():
        mine = {group for group, home in homes.items() if genre in home}
        if mine <= held_out or not mine & held_out:
            held_out ^= {min(own, key=lambda group: sizes[group])}
    return [VALID if group in held_out else TRAIN for group in groups]


def leaky_sides(
    genres: Sequence[str], *, valid_fraction: float, seed: int
) -> list[str]:
    """Hold out a share of the *windows* of every genre, whatever track they are of.

    What is held out then sounds like what was trained on, because it is the same
    song: figures from such a split say nothing of new music.

    Parameters
    ----------
    genres : sequence of str
        The genre of each window.

    Raises
    ------
    ConfigError
        If the fraction is out of range or there are too few windows.
    """
    from sklearn.model_selection import train_test_split  # noqa: PLC0415 - slow

    _check_fraction(valid_fraction)
    try:
        _, held_out = train_test_split(
            np.arange(len(genres)),
            test_size=valid_fraction,
            random_state=seed,
            stratify=list(genres),
        )
    except ValueError as error:
        raise ConfigError(f"there are too few windows to split: {error}") from error
    sides = np.full(len(genres), TRAIN)
    sides[held_out] = VALID
    return [str(side) for side in sides]


def _owned(genre: str, homes: Mapping[str, set[str]]) -> list[str]:
    """Return the groups of one genre only: moving others would move its neighbours."""
    own = sorted(group for group, home in homes.items() if home == {genre})
    if len(own) < 2:  # noqa: PLR2004 - one a side
        raise ConfigError(
            f"the genre {genre!r} has {len(own)} usable track(s) of its own, copies "
            "and what --group-by keeps together counted once: at least 2 are needed, "
            "one to train on and one to hold out"
        )
    return own


def _check_fraction(valid_fraction: float) -> None:
    if not 0 < valid_fraction < 1:
        raise ConfigError(
            f"--valid-fraction must be between 0 and 1, got {valid_fraction:g}"
        )


def _folds(
    groups: Sequence[str], genres: Sequence[str], valid_fraction: float, seed: int
) -> set[str]:
    """Return the groups of as many folds as make the wanted share."""
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415 - slow

    ordered = sorted(zip(groups, genres, strict=True))
    most = min(_MOST_FOLDS, len(set(groups)), max(Counter(genres).values()))
    share = Fraction(valid_fraction).limit_denominator(most)
    n_folds = share.denominator if 0 < share < 1 else most
    wanted = min(max(round(valid_fraction * n_folds), 1), n_folds - 1)
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    names = np.array([group for group, _ in ordered])
    with warnings.catch_warnings():
        # Of a genre with fewer files than folds; the caller sees to both sides.
        warnings.simplefilter("ignore", UserWarning)
        parts = list(folds.split(names, [genre for _, genre in ordered], names))
    chosen = [held_out for _, held_out in parts[:wanted]]
    return {str(name) for name in names[np.concatenate(chosen)]}
