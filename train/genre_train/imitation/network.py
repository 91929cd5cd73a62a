"""The network that imitates, what it is taught by, and how well it does.

It is a trunk of the shipped kind. While it learns, a linear layer upon the mean and the
maximum over frequency of its patterns tells what musicnn hears.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_train.augment import AugmentSettings, standardise_batch
from genre_train.backend import load_keras
from genre_train.bandwidth import clip
from genre_train.imitation.moments import N_TARGETS
from genre_train.models import DESIGNS, trunk
from genre_train.musicnn import N_CHANNELS, N_FRONT
from genre_train.schedule import cosine_decay

if TYPE_CHECKING:
    from pathlib import Path

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.heads import Scale
    from genre_train.imitation.excerpts import Excerpts

MEASURED = 512
"""Excerpts of held-out recordings that an imitation is measured on."""

_WARMUP = 200  # steps
_STEPS_MORE, _RATE_MORE = 5_000, 1e-3  # of what begins with an earlier one
_EQUIPMENT = 0.2  # of excerpts are heard through some
_FRONT_WEIGHT = 0.35  # three quarters of the channels are of its first layer


@dataclass(frozen=True)
class ImitationSettings:
    """Everything that decides how it is trained.

    Raises
    ------
    ConfigError
        If a number is out of range.
    """

    steps: int = 18_000
    model: str = "compact"
    """Name of its design in :data:`genre_train.models.DESIGNS`."""
    begun_from: str | None = None
    """The run of another imitation, with whose weights it begins."""
    batch_size: int = 64
    learning_rate: float = 2e-3
    """Peak, reached after a warm-up and decayed to zero along a cosine."""
    weight_decay: float = 0.05
    room: float = 0.25
    """Share of excerpts that are heard in a simulated room."""
    takes: int = 5
    """How often each recording is heard: see :func:`hearing.hear_takes`."""
    everything: bool = False
    """Whether what is held out is learned from, too: for what is shipped."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ConfigError(f"--steps must be at least 1, got {self.steps}")
        if self.takes < 1:
            raise ConfigError(f"--takes must be at least 1, got {self.takes}")
        if self.model not in DESIGNS:
            raise ConfigError(
                f"there is no model {self.model!r}: choose one of {', '.join(DESIGNS)}"
            )

    def begun(self, run: Path) -> ImitationSettings:
        """Return those for one that begins with an earlier imitation.

        There is less to learn, and it is done at a lower rate, lest it be forgotten.
        """
        return replace(
            self, begun_from=str(run), steps=_STEPS_MORE, learning_rate=_RATE_MORE
        )

    @property
    def augment(self) -> AugmentSettings:
        """What may happen to an excerpt without being heard as another one."""
        return AugmentSettings(
            change_speed=0.0,
            shift_bands=0,
            room=0.0,
            mix_styles=0.0,
            equipment=_EQUIPMENT,
            mixup=0.0,
            masks=0,
        )


def networks(spec: FeatureSpec, settings: ImitationSettings) -> tuple[Any, Any]:
    """Return the trunk, and the network to train with it."""
    keras = load_keras()
    keras.utils.set_random_seed(settings.seed)
    layers, ops = keras.layers, keras.ops
    chunks = keras.Input((None, spec.n_mels, 1), name="chunk")
    patterns = trunk(chunks, DESIGNS[settings.model])
    pooled = ops.concatenate([ops.mean(patterns, 2), ops.max(patterns, 2)], axis=-1)
    told = layers.Dense(N_TARGETS, name="moments")(pooled)
    return keras.Model(chunks, patterns, name="imitation"), keras.Model(chunks, told)


def compile_for(learner: Any, settings: ImitationSettings) -> None:  # noqa: ANN401 - keras is untyped
    """Give a network the loss and the optimizer of its training.

    The loss is the squared error, in which the channels of the first layer weigh less.
    """
    keras = load_keras()
    warmup = min(_WARMUP, settings.steps // 2)
    schedule = cosine_decay(settings.learning_rate, settings.steps, warmup)
    weights = np.where(np.arange(N_CHANNELS) < N_FRONT, _FRONT_WEIGHT, 1.0)
    weights = np.tile(weights / weights.mean(), 2).astype(np.float32)

    def error(wanted: Any, told: Any) -> Any:  # noqa: ANN401 - tensors are untyped
        return keras.ops.mean(weights * keras.ops.square(told - wanted), axis=-1)

    learner.compile(
        keras.optimizers.AdamW(schedule, weight_decay=settings.weight_decay),
        error,
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )


def explained(
    taught: Any,  # noqa: ANN401 - keras is untyped
    held_out: Excerpts,
    scale: Scale,
) -> dict[str, float]:
    """Return how much of the variance of held-out moments it tells, 1 at most.

    Parameters
    ----------
    scale : Scale
        By which its targets were standardised.

    Returns
    -------
    dict of str to float
        Of the channels of musicnn's first layer, and of the later ones.
    """
    levels, moments = held_out.draw(np.random.default_rng(0), MEASURED)
    wanted = scale.apply(moments)
    chunks = standardise_batch(clip(levels))[..., None]
    error = np.square(taught.predict(chunks, verbose=0) - wanted).mean(axis=(0, 1))
    variance = wanted.var(axis=(0, 1))
    front = np.tile(np.arange(N_CHANNELS) < N_FRONT, 2)
    return {
        part: round(1.0 - float(error[which].sum() / variance[which].sum()), 4)
        for part, which in (("first layer", front), ("later layers", ~front))
    }
