"""A network with fused norms learns what it would learn with those of Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genre_train.fusing import fused
from genre_train.losses import crossentropy
from genre_train.models import MODELS

pytestmark = pytest.mark.slow


def network() -> Any:  # noqa: ANN401 - keras is untyped
    import keras  # noqa: PLC0415 - takes seconds

    keras.utils.set_random_seed(0)
    return MODELS["compact"](128, 10)


def train(learner: Any) -> list[float]:  # noqa: ANN401 - keras is untyped
    """Take three steps of the same kind as a training does; return their losses."""
    import keras  # noqa: PLC0415 - takes seconds

    rng = np.random.default_rng(1)
    batch = rng.normal(size=(7, 64, 128, 1)).astype(np.float32)
    targets = np.eye(10, dtype=np.float32)[rng.integers(10, size=7)]
    learner.compile(keras.optimizers.SGD(0.01), crossentropy, jit_compile=False)
    return [float(learner.train_on_batch(batch, targets)) for _ in range(3)]


def test_every_step_is_that_of_the_norms_of_keras() -> None:
    plain, shared = network(), network()
    losses = train(plain)
    assert train(fused(shared)) == pytest.approx(losses, rel=1e-4)
    for variable, same in zip(plain.variables, shared.variables, strict=True):
        if "seed" not in variable.path:
            assert np.allclose(variable, same, rtol=1e-3, atol=1e-4), variable.path


def test_what_is_kept_has_no_layer_but_those_of_keras() -> None:
    import keras  # noqa: PLC0415 - takes seconds

    model = network()
    train(fused(model))
    copy = keras.Model.from_config(model.get_config())
    assert [type(one) for one in copy.layers] == [type(one) for one in model.layers]
    assert all(type(one).__module__.startswith("keras.") for one in model.layers)


def test_once_trained_both_say_the_same(rng: np.random.Generator) -> None:
    model = network()
    learner = fused(model)
    batch = rng.normal(size=(2, 64, 128, 1)).astype(np.float32)
    assert np.array_equal(model(batch), learner(batch))


def test_other_backends_fuse_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras  # noqa: PLC0415 - takes seconds

    model = network()
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert fused(model) is model
