"""Batch normalisation as one operation, while a network is trained with TensorFlow.

Keras composes it of some ten operations, each of which goes through all activations:
on a CPU they are more than half of a training step. TensorFlow has it in one piece.

References
----------
S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by
reducing internal covariate shift", ICML 2015.
"""

from __future__ import annotations

import functools
from typing import Any

from genre_train.backend import load_keras


def fused(model: Any) -> Any:  # noqa: ANN401 - keras is untyped
    """Return the same network, to be trained in less time.

    It shares all its layers, and so its weights, with the one given, which is the one
    to keep: nothing but Keras's own layers is in it. Backends other than TensorFlow
    get back what they gave.

    Parameters
    ----------
    model : keras.Model
        Functional, its norms over the last of four axes.
    """
    keras = load_keras()
    if keras.backend.backend() != "tensorflow":
        return model
    norms = keras.layers.BatchNormalization

    def share(layer: Any) -> Any:  # noqa: ANN401 - keras is untyped
        return _fused_norm()(layer) if isinstance(layer, norms) else layer

    return keras.models.clone_model(model, clone_function=share)


@functools.cache  # a class of Keras cannot be written down before Keras is loaded
def _fused_norm() -> Any:  # noqa: ANN401 - keras is untyped
    import tensorflow as tf  # noqa: PLC0415 - imports are slow, and it may not be there

    layers = load_keras().layers

    class FusedNorm(layers.Layer):  # type: ignore[misc, name-defined] # keras is untyped
        """Does in a training what a :class:`BatchNormalization` does, upon its weights.

        Only training needs it: fixed statistics cost next to nothing.
        """

        def __init__(self, norm: Any) -> None:  # noqa: ANN401 - keras is untyped
            super().__init__(name=f"{norm.name}_fused")
            self.norm = norm
            self.built = True  # the norm was built with its network

        def call(
            self,
            inputs: Any,  # noqa: ANN401 - keras is untyped
            *,
            training: bool = False,
            mask: None = None,  # noqa: ARG002 - Keras hands on what the norm was called with
        ) -> Any:  # noqa: ANN401
            norm = self.norm
            if not training:
                return norm(inputs, training=False)
            channels = inputs.shape[-1]
            outputs, mean, variance, *_ = tf.compat.v1.nn.fused_batch_norm(
                inputs,
                norm.gamma if norm.scale else tf.ones(channels),
                norm.beta if norm.center else tf.zeros(channels),
                epsilon=norm.epsilon,
                is_training=True,
            )
            count = tf.cast(tf.size(inputs) // channels, tf.float32)
            _follow(norm.moving_mean, mean, norm.momentum)
            # TensorFlow estimates that of the population, Keras keeps the batch's.
            _follow(norm.moving_variance, variance * (count - 1) / count, norm.momentum)
            return outputs

    return FusedNorm


def _follow(average: Any, now: Any, momentum: float) -> None:  # noqa: ANN401 - keras is untyped
    average.assign(average * momentum + now * (1.0 - momentum))
