"""The learning rate of every training here: a warm-up, then a cosine down to zero.

References
----------
I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts",
ICLR 2017 (the cosine; nothing restarts here).
"""

from __future__ import annotations

from typing import Any

from genre_train.backend import load_keras

_BEGINS_UNDER = 20  # times as low as the peak


def cosine_decay(peak: float, steps: int, warmup: int) -> Any:  # noqa: ANN401 - keras is untyped
    """Return a schedule over so many steps, of which the first ones warm up."""
    return load_keras().optimizers.schedules.CosineDecay(
        initial_learning_rate=peak / _BEGINS_UNDER,
        decay_steps=steps - warmup,
        warmup_target=peak,
        warmup_steps=warmup,
    )
