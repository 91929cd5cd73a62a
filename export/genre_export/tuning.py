"""Teach a trained network to say the same once its numbers are rounded.

Rounding weights shifts whole channels, and rounding activations is worst where one
channel is far louder than another; on a network this small both move the logits
enough to swap close genres. So the network is tuned for a short while with rounding
simulated in the forward pass and ignored in the backward pass, to give the same
logits as it gave before. No label is used, and no held-out chunk.

References
----------
B. Jacob et al., "Quantization and training of neural networks for efficient
integer-arithmetic-only inference", CVPR 2018, section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_export.rounding import with_rounding
from genre_train.augment import AugmentSettings
from genre_train.backend import load_keras
from genre_train.bandwidth import as_decibels
from genre_train.progress import progress
from genre_train.variation import vary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_export.rounding import Ranges

_BATCH = 16
_LEARNING_RATE = 5e-5


def tune(
    model: Any,  # noqa: ANN401 - keras is untyped
    chunks: NDArray[np.float32],
    ranges: Ranges,
    *,
    steps: int,
    seed: int,
) -> Any:  # noqa: ANN401
    """Return a copy of a network that loses little when it is converted.

    Parameters
    ----------
    model : keras.Model
        Functional, of layers known to Keras.
    chunks : ndarray, shape (n, n_frames, n_mels), float32
        Of the training side, as long as the daemon's.
    ranges : Ranges
        Of the network, as it is.
    steps : int >= 0
        Batches of 16 to tune on.
    seed : int
    """
    keras = load_keras()
    import tensorflow as tf  # noqa: PLC0415

    tuned = keras.models.clone_model(model)
    tuned.set_weights(model.get_weights())
    rounded = with_rounding(tuned, ranges)
    variables = rounded.trainable_variables
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, max(steps, 1))
    )
    optimizer.build(variables)

    def step(batch: Any) -> Any:  # noqa: ANN401 - tensors are untyped
        wanted = model(batch, training=False)
        with tf.GradientTape() as tape:
            values = [_round_weights(tf, v) for v in variables]
            logits, _ = rounded.stateless_call(
                values, rounded.non_trainable_variables, batch, training=False
            )
            loss = tf.reduce_mean(tf.square(logits - wanted))
        gradients = tape.gradient(loss, [v.value for v in variables])
        optimizer.apply(gradients, variables)
        return loss

    compiled = tf.function(step)
    rng = np.random.default_rng(seed)
    # What may happen to music; mixed and masked chunks are no sounds.
    settings = AugmentSettings(low_pass=0.0, fill_top=0.0)
    with progress("tuning to int8", steps) as advance:
        for _ in range(steps):
            chosen = rng.integers(0, len(chunks), size=_BATCH)
            batch = vary(as_decibels(chunks[chosen]), rng, settings)
            loss = float(compiled(batch[..., None]))
            advance(f"difference {loss**0.5:.3f}")
    return tuned


def _round_weights(tf: Any, variable: Any) -> Any:  # noqa: ANN401 - tensorflow is untyped
    """Round a kernel to 255 levels a channel; leave other variables alone."""
    value = variable.value
    if "kernel" not in variable.name:
        return tf.convert_to_tensor(value)
    # The last axis counts outputs, but in a depthwise kernel the last two do.
    kept = 2 if "depthwise" in variable.path else 1
    axes = list(range(len(value.shape) - kept))
    largest = tf.reduce_max(tf.abs(value), axis=axes, keepdims=True)
    scale = tf.maximum(largest, 1e-9) / 127.0
    rounded = tf.round(value / scale) * scale
    return value + tf.stop_gradient(rounded - value)
