"""Bring channels that share a scale in int8 to the same reach, and change nothing else.

A norm gives every channel the same deviation, but some have far larger peaks than
others: the steps of all are then as coarse as those few need. Each is scaled halfway
towards the reach of the median channel, and the weights that read it the other way, so
that the network gives what it gave. Halfway: what is gained for a channel with peaks is
lost for one that is scaled up by weights with steps of their own.

References
----------
M. Nagel et al., "Data-free quantization through weight equalization and bias
correction", ICCV 2019, section 4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_export.readers import kind, readers
from genre_train.backend import load_keras

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_BATCH = 16
_RARE = 1e-5  # share of values that a channel may reach beyond


def equalise(model: Any, chunks: NDArray[np.float32]) -> Any:  # noqa: ANN401 - keras is untyped
    """Return an equal network whose channels reach about as far as each other.

    Only norms that neither scale nor shift are used, where a single convolution reads
    them: what follows them is linear.

    Parameters
    ----------
    model : keras.Model
        Functional; stays as it is.
    chunks : ndarray, shape (n, n_frames, n_mels), float32
        From which the reach of channels is measured.
    """
    keras = load_keras()
    equal = keras.models.clone_model(model)
    equal.set_weights(model.get_weights())
    pairs = list(_pairs(equal))
    if not pairs:
        return equal
    probe = keras.Model(equal.inputs, [norm.output for norm, _ in pairs])
    outputs = probe.predict(chunks[..., None], batch_size=_BATCH, verbose=0)
    values = outputs if isinstance(outputs, list) else [outputs]
    for (norm, reader), heard in zip(pairs, values, strict=True):
        reach = np.quantile(np.abs(heard), 1.0 - _RARE, axis=(0, 1, 2))
        alive = reach > 0.0  # others can be scaled by nothing
        usual = np.median(reach[alive]) if alive.any() else 1.0
        _scale(norm, reader, np.sqrt(np.where(alive, reach / usual, 1.0)))
    return equal


def _scale(norm: Any, reader: Any, by: NDArray[np.floating]) -> None:  # noqa: ANN401
    """Divide the channels of a norm, and multiply the weights that read them."""
    mean, variance = (np.array(weights) for weights in norm.get_weights())
    norm.set_weights([mean, (variance + norm.epsilon) * by**2 - norm.epsilon])
    kernel, *bias = reader.get_weights()
    reader.set_weights([kernel * by[None, None, :, None], *bias])


def _pairs(model: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    """Yield the norms that can be scaled, with what reads them."""
    for name, reading in readers(model).items():
        norm = model.get_layer(name)
        if kind(norm) != "BatchNormalization" or norm.scale or norm.center:
            continue
        if [kind(layer) for layer in reading] == ["Conv2D"]:
            yield norm, reading[0]
