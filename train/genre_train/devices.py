"""The devices that a training step is shared among.

On one device a step is Keras's own, but for its norms. On several, each has a copy of
the network and is shown its share of the batch; the gradients are summed, so that all
copies take the step that one device would have taken with the whole batch. Only batch
normalisation knows the difference: it normalises each share by itself.

References
----------
P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017,
sections 2.3 and 3 (batch normalisation and gradients over several workers).
"""

from __future__ import annotations

import contextlib
import functools
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.backend import load_keras
from genre_train.fusing import fused

if TYPE_CHECKING:
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Devices:
    """One device, or several with a copy of the network on each."""

    _strategy: Any = None
    """A ``tf.distribute.MirroredStrategy``; None is one device."""

    @classmethod
    def choose(cls, count: int = 0) -> Self:
        """Return so many of the devices that TensorFlow finds.

        Parameters
        ----------
        count : int
            0 is all graphics processors, or one device where there are none.

        Raises
        ------
        ConfigError
            If there are not so many, or Keras runs on another backend.
        """
        if count == 1:
            return cls()
        backend = load_keras().backend.backend()
        if backend != "tensorflow":
            if count:
                raise ConfigError(
                    f"--devices is {count}, which takes Keras's TensorFlow backend, "
                    f"not {backend}: set KERAS_BACKEND=tensorflow, or leave it out"
                )
            return cls()
        import tensorflow as tf  # noqa: PLC0415 - imports are slow, and it may not be there

        found = tf.config.list_logical_devices("GPU")
        if not found:
            found = tf.config.list_logical_devices("CPU")
            count = count or 1
        count = count or len(found)
        if count > len(found):
            kind = found[0].device_type
            raise ConfigError(
                f"--devices is {count}, but TensorFlow finds only {len(found)} "
                f"({kind}): give at most {len(found)}, or leave it out"
            )
        if count == 1:
            return cls()
        logger.info("each batch is shared among %d devices", count)
        return cls(_strategy_over(tuple(device.name for device in found[:count])))

    def __len__(self) -> int:
        """Return how many there are."""
        return 1 if self._strategy is None else int(self._strategy.num_replicas_in_sync)

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Return where the optimizer of a :meth:`mirrored` network must be made."""
        if self._strategy is None:
            return contextlib.nullcontext()
        scope: contextlib.AbstractContextManager[Any] = self._strategy.scope()
        return scope

    def mirrored(self, model: Any) -> Any:  # noqa: ANN401 - keras is untyped
        """Return the network to train: on one device the same, with its norms fused.

        On several it is a copy that is on all of them, and only trained: Keras cannot
        predict with it where a batch has fewer windows than there are devices.
        """
        if self._strategy is None:
            return fused(model)
        with self.scope():
            copy = load_keras().models.clone_model(model)
        copy.set_weights(model.get_weights())
        return copy

    def give_back(self, trained: Any, model: Any) -> None:  # noqa: ANN401 - keras is untyped
        """Give a network what was learned by the one that :meth:`mirrored` made of it.

        On one device they share their weights.
        """
        if self._strategy is not None:
            model.set_weights(trained.get_weights())

    def step(
        self,
        model: Any,  # noqa: ANN401 - keras is untyped
        batch: NDArray[np.float32],
        targets: NDArray[np.float32],
    ) -> float:
        """Train one step with a compiled network of :meth:`mirrored`, return the loss.

        Parameters
        ----------
        batch : ndarray, shape (n, ...)
        targets : ndarray, shape (n, ...)
        """
        if self._strategy is None:
            return float(model.train_on_batch(batch, targets))
        if model.train_function is None:
            self._prepare(model, batch, targets)
        order, weights = shares(len(batch), len(self))
        shown, wanted = load_keras().tree.map_structure(
            lambda array: self._deal(array[order]), (batch, targets)
        )
        model.reset_metrics()
        told = model.train_function(iter([(shown, wanted, self._deal(weights))]))
        return float(told["loss"])

    def _prepare(self, model: Any, batch: Any, targets: Any) -> None:  # noqa: ANN401 - keras is untyped
        """Make what Keras else makes in the first step, where mirroring fails."""
        with self.scope():
            model.optimizer.build(model.trainable_variables)
            model.compute_loss(y=targets, y_pred=model(batch))
            model.make_train_function()

    def _deal(self, array: NDArray[np.float32]) -> Any:  # noqa: ANN401 - TensorFlow's
        """Deal to the devices as one deals cards, since like windows lie together."""
        return self._strategy.experimental_distribute_values_from_function(
            lambda one: _tensor(array[one.replica_id_in_sync_group :: len(self)])
        )


@functools.cache  # of two in one process, the sums of gradients get mixed up
def _strategy_over(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - TensorFlow's
    import tensorflow as tf  # noqa: PLC0415 - imports are slow, and it may not be there

    return tf.distribute.MirroredStrategy(names)


def _tensor(array: NDArray[np.float32]) -> Any:  # noqa: ANN401 - keras is untyped
    return load_keras().ops.convert_to_tensor(array)


def shares(n: int, devices: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return how to fill a batch up so that every device has as many windows.

    Returns
    -------
    order : ndarray, shape (m,)
        What to take of the batch. ``m`` is ``n`` rounded up to a multiple of
        ``devices``; windows are taken again to fill it up.
    weights : ndarray, shape (m,), float32
        Of each in the loss, so that its mean is that of the batch: those taken again
        weigh nothing.
    """
    m = math.ceil(n / devices) * devices
    order = np.resize(np.arange(n), m)
    weights = np.where(np.arange(m) < n, m / n, 0.0)
    return order, weights.astype(np.float32)
