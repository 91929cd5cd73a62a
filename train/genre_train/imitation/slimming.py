"""Begin with the weights of an earlier imitation, which may have more channels.

Of those that are too many, the ones that matter least to the next layer are left out;
what is lost by that, the training brings back.

References
----------
H. Li et al., "Pruning filters for efficient ConvNets", ICLR 2017. There a channel is
judged by the weights that it is made with, here by those that it is read with.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    _Kept = dict[str, NDArray[np.intp]]

_POINTWISE = "_pointwise"


def begin_with(patterns: Any, earlier: Any) -> None:  # noqa: ANN401 - keras is untyped
    """Give a trunk the weights of another one.

    Parameters
    ----------
    patterns, earlier : keras.Model
        As :func:`genre_train.models.trunk` makes them, with as many blocks. No layer of
        the first has more channels, and the last ones have as many.

    Raises
    ------
    ConfigError
        If the one cannot come from the other.
    """
    makers = _makers(earlier)
    if _makers(patterns) != makers:
        raise ConfigError("the earlier imitation has other layers: see --model")
    kept = _kept(patterns, earlier, makers)
    stem, *blocks = makers
    _give(patterns, earlier, stem, np.s_[..., kept[stem]])
    _give(patterns, earlier, f"{stem}_norm", kept[stem])
    for before, block in pairwise((stem, *blocks)):
        read, made = kept[before], kept[block]
        _give(patterns, earlier, f"{block}_depthwise", np.s_[:, :, read])
        _give(patterns, earlier, f"{block}_level", read)
        _give(patterns, earlier, block + _POINTWISE, np.s_[:, :, read[:, None], made])
        _give(patterns, earlier, f"{block}_norm", made)


def _makers(patterns: Any) -> list[str]:  # noqa: ANN401 - keras is untyped
    """Return what makes channels, in order: the stem, then the blocks."""
    names = [layer.name for layer in patterns.layers]
    blocks = [name for name in names if name.endswith(_POINTWISE)]
    return ["stem", *(name.removesuffix(_POINTWISE) for name in blocks)]


def _kept(patterns: Any, earlier: Any, makers: list[str]) -> _Kept:  # noqa: ANN401 - keras is untyped
    """Return which channels of each layer are kept, the last layer's first: all."""
    wanted = {maker: _channels(patterns, maker) for maker in makers}
    there = {maker: _channels(earlier, maker) for maker in makers}
    broader = [maker for maker in makers if wanted[maker] > there[maker]]
    last = makers[-1]
    if broader or wanted[last] != there[last]:
        where = broader[0] if broader else last
        raise ConfigError(
            f"the earlier imitation has {there[where]} channels in {where}, of which "
            f"{wanted[where]} cannot be made: see --model"
        )
    kept = {last: np.arange(there[last])}
    for maker, reader in reversed(list(pairwise(makers))):
        share = _read(earlier, reader)[:, kept[reader]].sum(axis=1)
        most = np.argsort(-share, kind="stable")[: wanted[maker]]
        kept[maker] = np.sort(most)
    return kept


def _channels(patterns: Any, maker: str) -> int:  # noqa: ANN401 - keras is untyped
    return len(patterns.get_layer(f"{maker}_norm").get_weights()[0])


def _read(patterns: Any, block: str) -> NDArray[np.float32]:  # noqa: ANN401 - keras is untyped
    """Return the share of each channel in the variance of what a block makes of them.

    Shape (channels read, channels made). What is read has a variance of one, so that it
    is the squared weight, against the variance of what is made.
    """
    (weights,) = patterns.get_layer(block + _POINTWISE).get_weights()
    *_, variance = patterns.get_layer(f"{block}_norm").get_weights()
    return np.asarray(np.square(weights[0, 0]) / variance, np.float32)


def _give(patterns: Any, earlier: Any, name: str, which: Any) -> None:  # noqa: ANN401 - keras is untyped
    weights = earlier.get_layer(name).get_weights()
    patterns.get_layer(name).set_weights([one[which] for one in weights])
