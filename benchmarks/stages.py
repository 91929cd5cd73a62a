"""Where the time of a hop goes, stage by stage.

The stages of a pipeline at work are timed in place, so that each is found as it is in
life: after the others have had the caches.
"""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import soxr
from benchmarks.music import RATE, music

from genre_daemon.features import patches
from genre_daemon.features.level import LevelMeter
from genre_daemon.features.logmel import LogMel
from genre_daemon.features.mel import MelFilterBank
from genre_daemon.features.resample import Resampler
from genre_daemon.inference.classifier import Classifier, StreamClassifier
from genre_daemon.inference.interpreter import Interpreter
from genre_daemon.pipeline import Pipeline
from genre_daemon.smoothing import Smoother

if TYPE_CHECKING:
    from collections.abc import Callable

    from genre_daemon.inference.bundle import Bundle

_MICROPHONE = 48_000
_WARM_UP = 10

HOP = "hop of 1 s, 48 kHz mono, all stages"

_STAGES: tuple[tuple[str, Any, str], ...] = (
    (HOP, Pipeline, "push"),
    ("resampling", Resampler, "push"),
    ("level", LevelMeter, "push"),
    ("log-mel", LogMel, "push"),
    ("    FFT", np.fft, "rfft"),
    ("    mel bands", MelFilterBank, "push"),
    ("inference", StreamClassifier, "push"),
    ("    standardising", patches, "standardise"),
    ("    TensorFlow Lite", Interpreter, "run"),
    ("smoothing", Smoother, "push"),
)
"""Indented is what the stage above holds within."""


def stages(bundle: Bundle, hops: int) -> dict[str, float]:
    """Return the median microseconds of each stage a hop.

    Parameters
    ----------
    bundle : Bundle
    hops : int > 0
    """
    heard = soxr.resample(music(), RATE, _MICROPHONE)
    seconds = [
        np.resize(np.roll(heard, -k * _MICROPHONE), _MICROPHONE) for k in range(60)
    ]
    spent: dict[str, float] = defaultdict(float)
    taken: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        for name, owner, method in _STAGES:
            timed = _timed(getattr(owner, method), name, spent)
            stack.enter_context(mock.patch.object(owner, method, timed))
        pipeline = Pipeline(Classifier(bundle), _MICROPHONE)
        for hop in range(-_WARM_UP, hops):
            spent.clear()
            pipeline.push(seconds[hop % len(seconds)])
            for name, _, _ in _STAGES:
                if hop >= 0:
                    taken[name].append(spent[name])
    return {name: 1e6 * float(np.median(times)) for name, times in taken.items()}


def _timed(
    function: Callable[..., Any], name: str, spent: dict[str, float]
) -> Callable[..., Any]:
    """Return the same function; a generator is run to its end."""

    @functools.wraps(function)
    def timed(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - any function
        begin = time.thread_time()
        result = function(*arguments, **options)
        if name == HOP:
            result = list(result)
        spent[name] += time.thread_time() - begin
        return result

    return timed
