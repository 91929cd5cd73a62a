"""The network in other forms than the shipped one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_export.quantize import keep_floats, quantize
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from genre_daemon.features.spec import FeatureSpec


def keras_network(run: Path) -> Any:  # noqa: ANN401 - keras is untyped
    """Load the network of a run folder, TensorFlow on one thread like all others."""
    on_one_thread()
    return RunFolder(run).load_model()


def on_one_thread() -> None:
    """Have Keras run on TensorFlow, and that on one thread; before it is loaded."""
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ["KERAS_BACKEND"] = "tensorflow"


def flatbuffers(run: Path, spec: FeatureSpec) -> dict[str, bytes]:
    """Convert the network of a run: int8 as for a bundle, and other ways.

    What the ranges for int8 are measured on does not matter to the time.
    """
    model = keras_network(run)
    shape = 4, spec.chunk_frames, spec.n_mels
    noise = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    return {
        "int8": quantize(model, spec, noise),
        "int8 with plain stems": quantize(model, spec, noise, fold=False),
        "float": keep_floats(model, spec),
    }
