"""A patch is judged by its chunks, and each chunk of a stream only once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.features.patches import Patch, Patches, chunks_of
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import (
    SHIPPED,
    BundleInfo,
    Calibration,
    read_bundle,
)
from genre_daemon.inference.classifier import Classifier, StreamClassifier
from genre_daemon.probabilities import softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABELS = ("blues", "jazz", "rock")
SPEC = FeatureSpec(
    patch_frames=40, chunk_frames=16, n_mels=4, hop_samples=512 * 7 + 100
)
"""Four chunks a patch; a hop is no whole number of frames, as in the shipped one."""


class Hasher(Classifier):
    """Stands in for a model: its logits are a hash of the chunk, bit by bit.

    A network would do no better here. Remembering chunks is right if each is judged by
    the very numbers by which it would be judged alone, and no network tells the last
    bit of one of them as surely as a hash does.
    """

    def __init__(self, spec: FeatureSpec = SPEC) -> None:
        self.info = BundleInfo("stand-in", "1", LABELS, spec, Calibration())
        self._temperature = 2.0
        self.asked = 0

    def hear(self, chunk: NDArray[np.float32]) -> NDArray[np.float32]:
        """Count the question, and hash it."""
        self.asked += 1
        digest = hashlib.sha256(chunk.tobytes()).digest()
        values = np.frombuffer(digest, np.uint8, len(LABELS))
        return np.asarray(values / 64, np.float32)


def stream(n: int, seed: int = 440, spec: FeatureSpec = SPEC) -> list[Patch]:
    """The first patches of a stream of noise."""
    frames = np.random.default_rng(seed).normal(-40, 12, (spec.due(n - 1), spec.n_mels))
    patches = Patches(spec).push(frames.astype(np.float32))
    # A patch is a view that the next one may be written over.
    return [patch._replace(frames=patch.frames.copy()) for patch in patches]


def alone(patch: Patch, spec: FeatureSpec = SPEC) -> NDArray[np.float32]:
    """What is said of a patch by who has heard nothing else."""
    classifier = Hasher(spec)
    chunks = chunks_of(patch.frames, spec, patch.number)
    heard = np.stack([classifier.hear(chunk) for chunk in chunks])
    return softmax(heard.mean(axis=0), 2.0)


def test_softmax_is_stable_and_tempered() -> None:
    logits = np.array([1000.0, 1001.0], np.float32)
    np.testing.assert_allclose(softmax(logits), [0.26894, 0.73106], atol=1e-5)
    np.testing.assert_allclose(softmax(logits, 1e3), [0.49975, 0.50025], atol=1e-5)


def test_classifier_gives_probabilities_and_repeats_itself(
    rng: np.random.Generator,
) -> None:
    classifier = Classifier(read_bundle(SHIPPED))
    spec = classifier.info.spec
    patch = rng.standard_normal((spec.patch_frames, spec.n_mels)).astype(np.float32)
    first = classifier.push(patch)
    assert first.dtype == np.float32
    assert first.sum() == pytest.approx(1.0, abs=1e-5)
    classifier.push(-patch)
    np.testing.assert_array_equal(classifier.push(patch), first)


def test_the_logits_of_a_patch_are_the_mean_of_those_of_its_chunks() -> None:
    classifier = Classifier(read_bundle(SHIPPED))
    spec = classifier.info.spec
    (patch,) = stream(1, spec=spec)
    heard = [classifier.hear(chunk) for chunk in chunks_of(patch.frames, spec)]
    assert len(heard) == spec.n_chunks
    logits = classifier.logits(patch.frames)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, np.mean(heard, axis=0), rtol=1e-6)
    temperature = classifier.info.calibration.temperature
    np.testing.assert_array_equal(
        classifier.push(patch.frames), softmax(logits, temperature)
    )


def test_the_first_patch_of_a_stream_is_judged_as_a_single_one() -> None:
    (first,) = stream(1)
    np.testing.assert_array_equal(
        StreamClassifier(Hasher()).push(first), Hasher().push(first.frames)
    )


def test_once_it_is_full_a_stream_asks_the_model_once_a_hop() -> None:
    classifier = Hasher()
    judge = StreamClassifier(classifier)
    asked = []
    for patch in stream(12):
        before = classifier.asked
        judge.push(patch)
        asked.append(classifier.asked - before)
    assert SPEC.n_chunks == 4
    assert asked == [4, *[1] * 11]


def test_what_the_chunks_said_gives_what_the_patch_says() -> None:
    judge = StreamClassifier(Hasher())
    for patch in stream(3):
        probabilities = judge.push(patch)
        assert judge.chunks is not None
        assert judge.chunks.shape == (SPEC.n_chunks, len(LABELS))
        pooled = softmax(judge.chunks.mean(axis=0))
        np.testing.assert_allclose(pooled, probabilities, rtol=1e-5)


def test_a_model_of_whole_patches_hears_each_anew() -> None:
    spec = FeatureSpec(patch_frames=40, chunk_frames=40, n_mels=4)
    classifier = Hasher(spec)
    judge = StreamClassifier(classifier)
    for patch in stream(5, spec=spec):
        np.testing.assert_array_equal(judge.push(patch), alone(patch, spec))
    assert classifier.asked == 5


def test_of_patches_that_were_passed_over_only_the_chunks_needed_are_heard() -> None:
    patches = stream(12)
    for passed_over, asked in ((0, 1), (1, 2), (2, 3), (3, 4), (7, 4)):
        classifier = Hasher()
        judge = StreamClassifier(classifier)
        judge.push(patches[0])
        before = classifier.asked
        judge.push(patches[1 + passed_over])
        assert classifier.asked - before == asked


@st.composite
def specs(draw: st.DrawFn) -> FeatureSpec:
    """Lengths of patch and chunk, and hops of a frame or more."""
    patch_frames = draw(st.integers(8, 60))
    return FeatureSpec(
        patch_frames=patch_frames,
        chunk_frames=draw(st.integers(8, patch_frames)),
        n_mels=4,
        hop_samples=draw(st.integers(512, 20_000)),
    )


@settings(deadline=None, max_examples=60)
@given(specs(), st.lists(st.booleans(), min_size=12, max_size=12))
def test_what_is_said_of_a_patch_depends_on_the_patch_alone(
    spec: FeatureSpec, judged: list[bool]
) -> None:
    judge = StreamClassifier(Hasher(spec))
    for patch, wanted in zip(stream(12, spec=spec), judged, strict=True):
        if wanted:
            np.testing.assert_array_equal(judge.push(patch), alone(patch, spec))


def test_streams_that_share_a_model_do_not_share_what_they_heard() -> None:
    classifier = Hasher()
    judges = [StreamClassifier(classifier) for _ in range(2)]
    for pair in zip(stream(6, seed=1), stream(6, seed=2), strict=True):
        for judge, patch in zip(judges, pair, strict=True):
            np.testing.assert_array_equal(judge.push(patch), alone(patch))


@pytest.mark.parametrize("n_before", [1, 2, 6])
def test_after_a_reset_another_stream_is_heard_as_if_it_were_the_first(
    n_before: int,
) -> None:
    classifier = Hasher()
    judge = StreamClassifier(classifier)
    for patch in stream(n_before, seed=1):
        judge.push(patch)
    judge.reset()
    before = classifier.asked
    for patch in stream(2, seed=2):
        np.testing.assert_array_equal(judge.push(patch), alone(patch))
    assert classifier.asked - before == 4 + 1
