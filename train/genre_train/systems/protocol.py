"""Training, the same for every published system.

Adam and cross-entropy on logits. What is published decides epochs, batch size,
learning rate and patience. Early stopping watches a sixth of the training side that
is not trained on; the held-out side is only ever measured. Only Keras 3 calls that
every backend has.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_train.backend import load_keras
from genre_train.checkpoint import Best, Checkpoint, put, take

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from genre_train.systems.material import Examples, Material
    from genre_train.systems.registry import Recipe, System
    from genre_train.systems.sides import Sides
    from genre_train.training import Keeper

_PREDICT_BATCH = 64
_SAVE_EVERY_S = 10.0  # or after each epoch, where one takes longer


@dataclass(frozen=True)
class SystemEpoch:
    """What one pass over the training side gave."""

    epoch: int
    """Counted from 1."""
    loss: float
    """Mean over the batches, with the penalties of the weights."""
    accuracy: float
    """On the training side, mean over the batches."""
    valid_loss: float
    """On the held-out side, with the same penalties. Nothing is chosen by it."""
    valid_accuracy: float
    """On the held-out side. Nothing is chosen by it."""
    seconds: float
    """Since training began."""


@dataclass(frozen=True)
class TrainedSystem:
    """A network and how far its training came."""

    model: Any
    epochs: int
    finished: bool
    """False if it was interrupted."""
    cpu_seconds: float
    """Of this process, so that a busy machine does not count."""


@dataclass
class _Watch:
    """Tells of each epoch, and stops when the stopping side no longer improves."""

    model: Any
    stop: Examples
    patience: int
    record: Callable[[SystemEpoch], None]
    keeper: Keeper
    epochs: int = 0
    begin: float = field(default_factory=time.monotonic)
    saved: float = field(default_factory=time.monotonic)
    best: Best = field(default_factory=Best)

    def go_on(self) -> None:
        """Set the network back to the last checkpoint, if there is one."""
        kept = self.keeper.load_checkpoint()
        if kept is not None:
            put(self.model, kept.arrays)
            self.epochs, self.best = kept.epoch, kept.best
            self.begin -= kept.seconds

    def after(self, epoch: int, logs: dict[str, float]) -> None:
        """Take note of an epoch, counted from 0."""
        self.epochs = epoch + 1
        now = time.monotonic()
        self.record(
            SystemEpoch(
                epoch=self.epochs,
                loss=logs["loss"],
                accuracy=logs["accuracy"],
                valid_loss=logs["val_loss"],
                valid_accuracy=logs["val_accuracy"],
                seconds=now - self.begin,
            )
        )
        if self.patience:
            self._choose()
        if now - self.saved >= _SAVE_EVERY_S:
            self.saved = now
            self.keeper.save_checkpoint(
                Checkpoint(
                    self.epochs, now - self.begin, {}, take(self.model), self.best
                )
            )

    def restore(self) -> None:
        """Go back to the best epoch, where one was chosen."""
        if self.best.arrays:
            put(self.model, self.best.arrays)

    def _choose(self) -> None:
        loss = self.model.evaluate(
            _shown(self.stop), self.stop.genre, verbose=0, return_dict=True
        )["loss"]
        if loss < self.best.loss:
            self.best = Best(self.epochs, loss, take(self.model))
        elif self.epochs - self.best.epoch >= self.patience:
            self.model.stop_training = True


def train(  # noqa: PLR0913 - what an experiment is made of
    system: System,
    recipe: Recipe,
    material: Material,
    sides: Sides,
    *,
    seed: int,
    record: Callable[[SystemEpoch], None],
    keeper: Keeper,
) -> TrainedSystem:
    """Train a system; Ctrl-C ends it early and keeps what was learned.

    Parameters
    ----------
    recipe : Recipe
        The system's own, or one with fewer epochs.
    record : callable
        Called after each epoch.
    keeper : Keeper
        Given a checkpoint every ten seconds; the training goes on from its last one.
        The order of the examples is then another than without the interruption.
    """
    keras = load_keras()
    keras.utils.set_random_seed(seed)
    fitted = material.examples.take(sides.fit)
    held_out = material.examples.take(sides.held_out)
    model = system.network(fitted.inputs, len(material.labels))
    model.compile(
        keras.optimizers.Adam(recipe.learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        # As in training.py: on a CPU, TensorFlow is faster without XLA.
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    stop = material.examples.take(sides.stop)
    watch = _Watch(model, stop, recipe.patience, record, keeper)
    watch.go_on()
    finished, begin = True, time.process_time()
    try:
        model.fit(
            _shown(fitted),
            fitted.genre,
            batch_size=recipe.batch_size,
            epochs=recipe.epochs,
            initial_epoch=watch.epochs,
            validation_data=(_shown(held_out), held_out.genre),
            validation_batch_size=_PREDICT_BATCH,
            callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=watch.after)],
            verbose=0,
        )
    except KeyboardInterrupt:
        finished = False
    spent = time.process_time() - begin
    watch.restore()
    return TrainedSystem(model, watch.epochs, finished, spent)


def predict(model: Any, examples: Examples) -> NDArray[np.float32]:  # noqa: ANN401 - keras is untyped
    """Return the logits of examples, shape (n, n_labels), float32."""
    logits = model.predict(_shown(examples), batch_size=_PREDICT_BATCH, verbose=0)
    return np.asarray(logits, np.float32)


def _shown(examples: Examples) -> Any:  # noqa: ANN401 - an array or a tuple of them
    """Return the inputs as Keras wants them: a tuple only where there are several."""
    return examples.inputs if len(examples.inputs) > 1 else examples.inputs[0]
