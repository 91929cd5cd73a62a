"""A step of training: with the norms fused, and with those that Keras composes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from benchmarks.measure import Settings, in_turn, ratio
from benchmarks.networks import on_one_thread
from benchmarks.rows import Row

from genre_daemon.features.spec import FeatureSpec
from genre_train.backend import load_keras
from genre_train.fusing import fused
from genre_train.losses import crossentropy
from genre_train.models import MODELS
from genre_train.trainsettings import TrainSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LABELS = 11


def rows(settings: Settings) -> Iterator[Row]:
    """Compare the two in turn, on one thread."""
    on_one_thread()
    ours, theirs = in_turn(
        _step(fused), _step(lambda model: model), repeats=_n(settings)
    )
    what = f"training step of {_chunks()} chunks, norms fused"
    yield Row(what, "norms as Keras composes them", ratio(ours, theirs))


def _n(settings: Settings) -> int:
    return max(settings.repeats // 3, 3)  # it takes a third of a second


def _chunks() -> int:
    """Return how many ``fit`` shows a network in one step, background included."""
    settings = TrainSettings()
    return settings.batch_size + settings.beside + settings.unlabelled


def _step(prepared: Callable[[Any], Any]) -> Callable[[], object]:
    """Return one step of a network that was made ready for it."""
    keras, spec = load_keras(), FeatureSpec()
    learner = prepared(MODELS["compact"](spec.n_mels, _LABELS))
    learner.compile(
        keras.optimizers.AdamW(use_ema=True), crossentropy, jit_compile=False
    )
    rng = np.random.default_rng(0)
    shape = _chunks(), spec.chunk_frames, spec.n_mels, 1
    batch = rng.normal(size=shape).astype(np.float32)
    targets = np.eye(_LABELS, dtype=np.float32)[rng.integers(_LABELS, size=_chunks())]
    return lambda: learner.train_on_batch(batch, targets)
