"""One classifier for several threads: each gets the answer to its own question."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.features.patches import Patch
from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.inference.classifier import Classifier, StreamClassifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

_THREADS, _PATCHES = 4, 25


def test_threads_that_share_it_do_not_disturb_each_other(
    rng: np.random.Generator,
) -> None:
    classifier = Classifier(read_bundle(SHIPPED))
    spec = classifier.info.spec
    shape = (_THREADS, _PATCHES, spec.patch_frames, spec.n_mels)
    patches = rng.standard_normal(shape).astype(np.float32)

    def judge(row: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.array([classifier.push(patch) for patch in row])

    alone = np.array([judge(row) for row in patches])
    with ThreadPoolExecutor(_THREADS) as threads:
        together = np.array(list(threads.map(judge, patches)))
    np.testing.assert_array_equal(together, alone)


def test_each_stream_tells_its_own_time(rng: np.random.Generator) -> None:
    classifier = Classifier(read_bundle(SHIPPED))
    spec = classifier.info.spec
    one, other = StreamClassifier(classifier), StreamClassifier(classifier)
    frames = rng.standard_normal((spec.patch_frames, spec.n_mels)).astype(np.float32)
    one.push(Patch(0, spec.patch_frames, frames))
    assert one.inference_ms > 0.0
    assert other.inference_ms == 0.0
