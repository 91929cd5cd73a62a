"""What an earlier run has learned, given to a network that knows more genres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def give_weights(
    old: Any,  # noqa: ANN401 - keras is untyped
    new: Any,  # noqa: ANN401
    build: Callable[[int], Any],
    labels: tuple[Sequence[str], Sequence[str]],
) -> None:
    """Copy weights from one network to another of the same design.

    The trunk is copied as it is. In the layers that speak of labels, each label that
    both know keeps its own weights; a new one keeps what it was initialised with.

    Parameters
    ----------
    old, new : keras.Model
    build : callable
        Makes such a network for a number of labels. Which weights depend on that
        number tells the layers that speak of labels from those that do not.
    labels : tuple of two sequences of str
        Those of the old and of the new network.

    Raises
    ------
    ConfigError
        If the two are of different designs.
    """
    keras = load_keras()
    former, wanted = labels
    other = build(len(wanted) + 1)
    pairs = list(zip(old.weights, new.weights, strict=False))
    if not len(old.weights) == len(new.weights) == len(other.weights):
        raise ConfigError("the earlier run's network has other layers: see --model")
    known = [label for label in former if label in wanted]
    source = [list(former).index(label) for label in known]
    target = [list(wanted).index(label) for label in known]
    for (before, after), probe in zip(pairs, other.weights, strict=True):
        values = np.array(keras.ops.convert_to_numpy(before))
        if after.shape != probe.shape:
            changed = np.array(keras.ops.convert_to_numpy(after))
            changed[..., target] = values[..., source]
            values = changed
        if tuple(values.shape) != tuple(after.shape):
            raise ConfigError("the earlier run's network has other sizes: see --model")
        after.assign(values)
