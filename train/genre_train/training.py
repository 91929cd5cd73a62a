"""The training loop: augmented batches, cosine-decayed AdamW, averaged weights.

Only Keras 3 calls that every backend has, so that ``KERAS_BACKEND`` chooses between
TensorFlow, JAX and PyTorch; but for several devices, see :mod:`genre_train.devices`.

References
----------
I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019.
P. Izmailov et al., "Averaging weights leads to wider optima and better
generalization", UAI 2018.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from genre_daemon.messages import NO_MUSIC
from genre_daemon.probabilities import softmax
from genre_train.backend import load_keras
from genre_train.batching import Batches, Scenery
from genre_train.checkpoint import Best, Checkpoint, put, take
from genre_train.devices import Devices
from genre_train.losses import crossentropy
from genre_train.metrics import log_loss
from genre_train.models import MODELS, discount
from genre_train.norms import renew_norms
from genre_train.predicting import predict
from genre_train.schedule import cosine_decay

if TYPE_CHECKING:
    from collections.abc import Callable

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.dataset import DataSet, Windows
    from genre_train.trainsettings import TrainSettings

_LONGEST_AVERAGE = 100.0  # steps
_MEASUREMENTS = 100  # of the held-out side, each of which takes a fifth of an epoch


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training windows gave."""

    epoch: int
    """Counted from 1."""
    loss: float
    """Mean over the batches, of augmented windows."""
    valid_accuracy: float
    """Of the weights of the moment, before averaging. Nothing is chosen by it. In a
    long training only some epochs are measured; the others repeat the last figures."""
    valid_loss: float
    """Log loss of the same weights. With a patience, the epoch is chosen by it, and
    every one is measured."""
    seconds: float
    """Since training began."""


@dataclass(frozen=True)
class Trained:
    """A network and how far its training came."""

    model: Any
    epochs: int
    finished: bool
    """False if it was interrupted."""
    best_epoch: int | None = None
    """Whose weights these are, where a patience was set."""


class Keeper(Protocol):
    """Keeps a training safe from being killed."""

    def load_checkpoint(self) -> Checkpoint | None:
        """Return where to go on from, if there was a training."""

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep this one instead of the one before."""


def fit(  # noqa: PLR0913 - all that a training is made of
    data: DataSet,
    settings: TrainSettings,
    record: Callable[[Epoch], None],
    *,
    keeper: Keeper | None = None,
    prepare: Callable[[Any], None] | None = None,
    scenery: Scenery | None = None,
) -> Trained:
    """Train a network on the training side of a data set.

    The weights returned are the averaged ones after the last epoch; the held-out side
    is only measured, never used to choose among epochs, unless a patience is set.
    Ctrl-C ends the training early and returns what there is.

    Parameters
    ----------
    record : callable
        Called after each epoch.
    keeper : Keeper, optional
        Given a checkpoint after each epoch; the training goes on from its last one.
    prepare : callable, optional
        Called with the new network before it is trained, as to give it weights.
    scenery : Scenery, optional
        Other sounds and rooms to train with.
    """
    keras = load_keras()
    devices = Devices.choose(settings.devices)
    keras.utils.set_random_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    model = MODELS[settings.model](data.spec.n_mels, len(data.labels))
    if prepare is not None:
        prepare(model)
    batches = _batches(data, settings, scenery or Scenery())
    learner = devices.mirrored(model)
    with devices.scope():
        _compile(keras, learner, settings, len(batches))
        done, spent, best = _go_on(learner, rng, keeper)
    begin = time.monotonic() - spent
    measuring = _Measuring(data, settings)
    try:
        for epoch in range(done + 1, settings.epochs + 1):
            if settings.patience and done - best.epoch >= settings.patience:
                break
            loss = _one_epoch(learner, devices, batches, rng)
            done = epoch
            devices.give_back(learner, model)
            accuracy, valid_loss = measuring.after(epoch, model)
            if settings.patience and valid_loss < best.loss:
                best = Best(epoch, valid_loss, take(learner))
            seconds = time.monotonic() - begin
            record(Epoch(epoch, loss, accuracy, valid_loss, seconds))
            if keeper is not None:
                state = dict(rng.bit_generator.state)
                checkpoint = Checkpoint(epoch, seconds, state, take(learner), best)
                keeper.save_checkpoint(checkpoint)
    except KeyboardInterrupt:
        finished = False
    else:
        finished = True
    if best.arrays:
        put(learner, best.arrays)
    if done:  # before that there is no average yet
        learner.optimizer.finalize_variable_values(learner.trainable_variables)
        devices.give_back(learner, model)
        renew_norms(model, lambda: batches.draw(rng))
        discount_no_music(model, data.labels, settings.no_music_margin)
    return Trained(model, done, finished, best.epoch or None)


def discount_no_music(model: Any, labels: tuple[str, ...], margin: float) -> None:  # noqa: ANN401 - keras is untyped
    """Lower the logit of ``no_music``, where there is that label."""
    if margin and NO_MUSIC in labels:
        discount(model, labels.index(NO_MUSIC), margin)


def _go_on(
    model: Any,  # noqa: ANN401 - keras is untyped
    rng: np.random.Generator,
    keeper: Keeper | None,
) -> tuple[int, float, Best]:
    """Set a training back to its last checkpoint: epochs, seconds and best so far."""
    kept = keeper.load_checkpoint() if keeper is not None else None
    if kept is None:
        return 0, 0.0, Best()
    put(model, kept.arrays)
    rng.bit_generator.state = kept.rng
    return kept.epoch, kept.seconds, kept.best


class _Measuring:
    """Measures the held-out side as often as is worth its time."""

    def __init__(self, data: DataSet, settings: TrainSettings) -> None:
        self._windows, self._spec = data.valid, data.spec
        most = settings.epochs if settings.patience else _MEASUREMENTS
        self._every = math.ceil(settings.epochs / most)
        self._last: tuple[float, float] | None = None

    def after(self, epoch: int, model: Any) -> tuple[float, float]:  # noqa: ANN401 - keras is untyped
        """Return accuracy and log loss, those of an earlier epoch at times."""
        if self._last is None or epoch % self._every == 0:
            self._last = measure(model, self._windows, self._spec)
        return self._last


def measure(model: Any, windows: Windows, spec: FeatureSpec) -> tuple[float, float]:  # noqa: ANN401 - keras is untyped
    """Return accuracy and log loss."""
    logits = predict(model, windows, spec)
    right = logits.argmax(axis=1) == windows.genre
    return float(right.mean()), log_loss(softmax(logits), windows.genre)


def _batches(data: DataSet, settings: TrainSettings, scenery: Scenery) -> Batches:
    return Batches(
        data.train,
        data.spec.chunk_frames,
        data.labels,
        settings.augment,
        settings.batch_size,
        settings.label_smoothing,
        settings.beside,
        settings.unlabelled,
        scenery,
    )


def _compile(
    keras: Any,  # noqa: ANN401 - keras is untyped
    model: Any,  # noqa: ANN401
    settings: TrainSettings,
    steps: int,
) -> None:
    warmup = min(settings.warmup_epochs, settings.epochs // 2) * steps
    schedule = cosine_decay(settings.learning_rate, settings.epochs * steps, warmup)
    horizon = settings.averaging * settings.epochs * steps
    model.compile(
        keras.optimizers.AdamW(
            schedule,
            weight_decay=settings.weight_decay,
            use_ema=True,
            ema_momentum=1.0 - 1.0 / min(max(horizon, 1.0), _LONGEST_AVERAGE),
        ),
        crossentropy,
        # Measured with TensorFlow on two CPU cores, XLA is seven times slower on
        # depthwise layers; JAX without it is slower still.
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )


def _one_epoch(
    model: Any,  # noqa: ANN401 - keras is untyped
    devices: Devices,
    batches: Batches,
    rng: np.random.Generator,
) -> float:
    """Show every window once, in random order, and return the mean loss."""
    losses = [
        devices.step(model, batch[..., None], targets)
        for batch, targets in batches.draw(rng)
    ]
    return float(np.mean(losses))
