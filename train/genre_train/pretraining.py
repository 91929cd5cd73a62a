"""Train the trunk of a network on recordings without labels.

It learns to say of a chunk what musicnn and YAMNet make of it, however it was played
and recorded. What it has learned is then the beginning of every training on genres.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.augment import AugmentSettings, cut_gaps
from genre_train.backend import load_keras
from genre_train.fusing import fused
from genre_train.models import BROAD, grow
from genre_train.variation import vary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genre_train.lessons import Lessons
    from genre_train.melroom import MelRoom

_REPORT_EVERY = 100


@dataclass(frozen=True)
class PretrainSettings:
    """How the trunk is trained."""

    steps: int = 3000
    batch_size: int = 96
    learning_rate: float = 3e-3
    """Peak, decayed to nought along a cosine."""
    warmup_steps: int = 100
    weight_decay: float = 0.01
    n_targets: int = 128
    """Principal components of each tagger's embeddings that are learned."""
    seed: int = 0
    # One gap in each direction: what is cut out cannot be told.
    augment: AugmentSettings = field(
        default_factory=lambda: AugmentSettings(room=0.25, masks=1)
    )


def pretrain(
    lessons: Lessons,
    n_mels: int,
    settings: PretrainSettings,
    rooms: Sequence[MelRoom],
    record: Callable[[int, float], None],
) -> Any:  # noqa: ANN401 - keras is untyped
    """Train a trunk.

    Parameters
    ----------
    record : callable
        Called after each step with its number and the mean squared error of late; the
        targets have a variance of about one.

    Returns
    -------
    keras.Model
        The trunk, without what it was taught with.
    """
    keras = load_keras()

    keras.utils.set_random_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    inputs = keras.Input((None, n_mels, 1), name="patch")
    grown = grow(BROAD, inputs)
    pooled = keras.layers.GlobalAveragePooling2D()(grown)
    model = fused(keras.Model(inputs, keras.layers.Dense(lessons.n_targets)(pooled)))
    model.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                initial_learning_rate=settings.learning_rate / 20,
                decay_steps=max(settings.steps - settings.warmup_steps, 1),
                warmup_target=settings.learning_rate,
                warmup_steps=settings.warmup_steps,
            ),
            weight_decay=settings.weight_decay,
        ),
        "mse",
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    errors: list[float] = []
    for step in range(1, settings.steps + 1):
        levels, targets = lessons.draw(rng, settings.batch_size)
        batch = vary(levels, rng, settings.augment, rooms)
        batch = cut_gaps(batch, rng, settings.augment)
        errors.append(float(model.train_on_batch(batch[..., None], targets)))
        record(step, float(np.mean(errors[-_REPORT_EVERY:])))
    return keras.Model(inputs, grown, name="trunk")


def begin_with(model: Any, trunk: Any) -> None:  # noqa: ANN401 - keras is untyped
    """Give a network the weights of a pretrained trunk, layer by name.

    Raises
    ------
    ConfigError
        If it has no such layers, or of another size.
    """
    for layer in trunk.layers:
        weights = layer.get_weights()
        if not weights:
            continue
        try:
            model.get_layer(layer.name).set_weights(weights)
        except ValueError as error:
            raise ConfigError(
                f"the network {model.name!r} cannot begin with this trunk: its layer "
                f"{layer.name!r} has no counterpart; pretrain again"
            ) from error
