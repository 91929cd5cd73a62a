"""The training loop: augmented batches, cosine-decayed AdamW, averaged weights.

Only Keras 3 calls that every backend has, so that ``KERAS_BACKEND`` chooses between
TensorFlow, JAX and PyTorch.

References
----------
I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019.
P. Izmailov et al., "Averaging weights leads to wider optima and better
generalization", UAI 2018.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.augment import AugmentSettings, Batch, augment
from genre_train.backend import load_keras
from genre_train.models import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from genre_train.dataset import DataSet, Windows

_PREDICT_BATCH = 64
_LONGEST_AVERAGE = 100.0  # steps
_NORM_PASSES = 3


@dataclass(frozen=True)
class TrainSettings:
    """Everything that decides how a network is trained.

    Raises
    ------
    ConfigError
        If a number is out of range or the model is unknown.
    """

    model: str = "compact"
    epochs: int = 300
    batch_size: int = 32
    learning_rate: float = 2e-3
    """Peak, reached after the warm-up and decayed to zero along a cosine."""
    warmup_epochs: int = 5
    weight_decay: float = 0.01
    label_smoothing: float = 0.1
    averaging: float = 0.05
    """Share of the training over which weights are averaged, but 100 steps at most."""
    seed: int = 0
    augment: AugmentSettings = field(default_factory=AugmentSettings)

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise ConfigError(
                f"there is no model {self.model!r}: choose one of {', '.join(MODELS)}"
            )
        for name in ("epochs", "batch_size"):
            value = getattr(self, name)
            if value < 1:
                flag = "--" + name.replace("_", "-")
                raise ConfigError(f"{flag} must be at least 1, got {value}")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"--seed must be 0 to 4294967295, got {self.seed}")


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training windows gave."""

    epoch: int
    """Counted from 1."""
    loss: float
    """Mean over the batches, of augmented windows."""
    valid_accuracy: float
    """Of the weights of the moment, before averaging. Nothing is chosen by it."""
    seconds: float
    """Since training began."""


@dataclass(frozen=True)
class Trained:
    """A network and how far its training came."""

    model: Any
    epochs: int
    finished: bool
    """False if it was interrupted."""


def fit(
    data: DataSet, settings: TrainSettings, record: Callable[[Epoch], None]
) -> Trained:
    """Train a network on the training side of a data set.

    The weights returned are the averaged ones after the last epoch; the held-out side
    is only measured, never used to choose among epochs. Ctrl-C ends the training
    early and returns what there is.

    Parameters
    ----------
    record : callable
        Called after each epoch.
    """
    keras = load_keras()

    keras.utils.set_random_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    model = MODELS[settings.model](data.spec.n_mels, len(data.labels))
    steps = -(-len(data.train) // settings.batch_size)
    _compile(keras, model, settings, steps)
    begin, done = time.monotonic(), 0
    try:
        for epoch in range(1, settings.epochs + 1):
            loss = _one_epoch(model, data.train, len(data.labels), settings, rng)
            done = epoch
            right = predict(model, data.valid).argmax(axis=1) == data.valid.genre
            seconds = time.monotonic() - begin
            record(Epoch(epoch, loss, float(right.mean()), seconds))
    except KeyboardInterrupt:
        finished = False
    else:
        finished = True
    if done:  # before that there is no average yet
        model.optimizer.finalize_variable_values(model.trainable_variables)
        _renew_norms(keras, model, data.train, settings, rng)
    return Trained(model, done, finished)


def predict(model: Any, windows: Windows) -> np.ndarray[Any, np.dtype[np.float32]]:  # noqa: ANN401 - keras is untyped
    """Return the logits of windows, shape (n, n_labels), float32."""
    logits = model.predict(
        windows.patches[..., None], batch_size=_PREDICT_BATCH, verbose=0
    )
    return np.asarray(logits, np.float32)


def _compile(keras: Any, model: Any, settings: TrainSettings, steps: int) -> None:  # noqa: ANN401 - keras is untyped
    warmup = min(settings.warmup_epochs, settings.epochs // 2) * steps
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 20,
        decay_steps=settings.epochs * steps - warmup,
        warmup_target=settings.learning_rate,
        warmup_steps=warmup,
    )
    horizon = settings.averaging * settings.epochs * steps
    model.compile(
        keras.optimizers.AdamW(
            schedule,
            weight_decay=settings.weight_decay,
            use_ema=True,
            ema_momentum=1.0 - 1.0 / min(max(horizon, 1.0), _LONGEST_AVERAGE),
        ),
        keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=settings.label_smoothing
        ),
        # Measured with TensorFlow on two CPU cores, XLA is seven times slower on
        # depthwise layers; JAX without it is slower still.
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )


def _one_epoch(
    model: Any,  # noqa: ANN401 - keras is untyped
    windows: Windows,
    n_labels: int,
    settings: TrainSettings,
    rng: np.random.Generator,
) -> float:
    """Show every window once, in random order, and return the mean loss."""
    targets = np.eye(n_labels, dtype=np.float32)[windows.genre]
    losses = [
        float(model.train_on_batch(batch[..., None], wanted))
        for batch, wanted in _batches(windows, targets, settings, rng)
    ]
    return float(np.mean(losses))


def _batches(
    windows: Windows, targets: Batch, settings: TrainSettings, rng: np.random.Generator
) -> Iterator[tuple[Batch, Batch]]:
    """Yield every window once, in random order, augmented."""
    order = rng.permutation(len(windows))
    for start in range(0, len(order), settings.batch_size):
        chosen = order[start : start + settings.batch_size]
        patches = windows.patches[chosen]
        yield augment(patches, targets[chosen], rng, settings.augment)


def _renew_norms(
    keras: Any,  # noqa: ANN401 - keras is untyped
    model: Any,  # noqa: ANN401
    windows: Windows,
    settings: TrainSettings,
    rng: np.random.Generator,
) -> None:
    """Measure the statistics of batch normalisation again, for the averaged weights.

    Those gathered in training belong to the weights of the moment, and after a short
    training they still are half of what they were initialised with.
    """
    norms = [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    momenta = [norm.momentum for norm in norms]
    unused = np.zeros((len(windows), 1), np.float32)
    count = 0
    for _ in range(_NORM_PASSES if norms else 0):
        for batch, _ in _batches(windows, unused, settings, rng):
            count += 1
            for norm in norms:
                norm.momentum = 1.0 - 1.0 / count  # all batches weigh the same
            model(batch[..., None], training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
