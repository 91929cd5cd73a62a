"""A hop of the daemon: its second of audio becomes a verdict.

What others do for a verdict each second: librosa's features of the whole window and
the network in Keras, given all chunks of the window at once; the same features and the
daemon's own model; YAMNet, which has its features inside.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import librosa
import numpy as np
from benchmarks.measure import Settings, in_turn, ratio
from benchmarks.music import RATE, music, second
from benchmarks.networks import keras_network
from benchmarks.rows import Row, Target, at_most

from genre_daemon.features.patches import chunks_of
from genre_daemon.inference.bundle import read_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.inference.interpreter import load_runtime
from genre_daemon.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec

_WHAT = "hop: features, inference, smoothing"


def rows(settings: Settings) -> Iterator[Row]:
    """Compare a hop with each of the others."""
    bundle = read_bundle(settings.bundle)
    classifier = Classifier(bundle)
    spec = bundle.info.spec
    hop = hops(classifier)

    def row(against: str, peer: Callable[[], object], target: Target | None) -> Row:
        ours, theirs = in_turn(hop, peer, repeats=settings.repeats)
        return Row(_WHAT, against, ratio(ours, theirs), target)

    yield row(
        "librosa of 5 s + the same TFLite model",
        lambda: classifier.push(librosa_patch(spec)),
        at_most(1 / 5, "1/5"),
    )
    yield from _against_keras(settings, spec, row)
    model = None if settings.data is None else settings.data / "yamnet/yamnet.tflite"
    if model is None or not model.is_file():
        why = "no yamnet/yamnet.tflite there: DATA=folder"
        yield Row(_WHAT, "YAMNet of the same second", None, note=why)
    else:
        target = at_most(1.0, "1 (dream 1/2)")
        yield row("YAMNet of the same second", yamnet(model), target)
    yield row("inference alone", inference(classifier), None)


def hops(classifier: Classifier) -> Callable[[], object]:
    """Return work that pushes one more second through a pipeline that is full."""
    pipeline = Pipeline(classifier, RATE)
    numbers = itertools.count()

    def hop() -> object:
        return list(pipeline.push(second(next(numbers))))

    while not hop():
        pass
    return hop


def librosa_patch(spec: FeatureSpec) -> NDArray[np.float32]:
    """Compute the decibels of a whole window, as one does without streaming."""
    power = librosa.feature.melspectrogram(
        y=music()[: spec.n_fft + (spec.patch_frames - 1) * spec.hop_length],
        sr=spec.sample_rate,
        n_fft=spec.n_fft,
        hop_length=spec.hop_length,
        n_mels=spec.n_mels,
        center=False,
    )
    return np.asarray(librosa.power_to_db(power, top_db=spec.top_db).T, np.float32)


def yamnet(path: Path) -> Callable[[], object]:
    """Return work that names what is in a second (15 600 samples at 16 kHz)."""
    model = load_runtime().Interpreter(model_path=str(path), num_threads=1)
    model.allocate_tensors()
    details = model.get_input_details()[0]
    samples = second(0)[: np.prod(details["shape"])].reshape(details["shape"])

    def name() -> None:
        model.set_tensor(details["index"], samples)
        model.invoke()

    return name


def inference(classifier: Classifier) -> Callable[[], object]:
    """Return work that runs the model on the one chunk that a hop brings."""
    spec = classifier.info.spec
    chunk = np.ascontiguousarray(chunks_of(librosa_patch(spec), spec)[-1])
    return lambda: classifier.hear(chunk)


def _against_keras(
    settings: Settings,
    spec: FeatureSpec,
    row: Callable[[str, Callable[[], object], Target | None], Row],
) -> Iterator[Row]:
    peer = "librosa of 5 s + Keras"
    if not (settings.run / "model.keras").is_file():
        why = f"no model.keras in {settings.run.name}"
        yield Row(_WHAT, f"{peer} predict", None, note=why)
        return
    network = keras_network(settings.run)

    def batch() -> NDArray[np.float32]:
        return np.stack(chunks_of(librosa_patch(spec), spec))[..., None]

    predict, call = f"{peer} predict", f"{peer}, called directly"
    yield row(
        predict, lambda: network.predict(batch(), verbose=0), at_most(1 / 40, "1/40")
    )
    yield row(call, lambda: network(batch(), training=False), None)
