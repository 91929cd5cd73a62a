"""Batch normalisation after weights were averaged.

References
----------
P. Izmailov et al., "Averaging weights leads to wider optima and better
generalization", UAI 2018, section 3.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_train.backend import load_keras

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from genre_train.augment import Batch

_PASSES = 3


def renew_norms(
    model: Any,  # noqa: ANN401 - keras is untyped
    batches: Callable[[], Iterable[tuple[Batch, Batch]]],
) -> None:
    """Measure the statistics of batch normalisation again, for the averaged weights.

    Those gathered in training belong to the weights of the moment, and after a short
    training they still are half of what they were initialised with.

    Parameters
    ----------
    batches : callable
        Returns the batches of one pass.
    """
    keras = load_keras()
    norms = [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    momenta = [norm.momentum for norm in norms]
    count = 0
    for _ in range(_PASSES if norms else 0):
        for batch, _ in batches():
            count += 1
            for norm in norms:
                norm.momentum = 1.0 - 1.0 / count  # all batches weigh the same
            model(batch[..., None], training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
