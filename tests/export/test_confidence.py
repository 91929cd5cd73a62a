"""What is told of confidence, with n."""

from __future__ import annotations

import json

import numpy as np
import pytest

from genre_daemon.probabilities import softmax
from genre_export.confidence import Confidence, measure
from genre_train.metrics import Share


@pytest.fixture
def found(rng: np.random.Generator) -> Confidence:
    logits = rng.normal(0, 3, (300, 4)).astype(np.float32)
    genre = np.where(rng.random(300) < 0.6, logits.argmax(axis=1), 0)
    return measure(logits, softmax(logits, 3.0), genre, 0.5)


def test_before_and_after_are_told_apart(found: Confidence) -> None:
    assert found.error != found.error_before
    assert found.n == 300
    assert found.named.n == 300
    assert found.right_when_named is not None
    assert found.right_when_named.n == found.named.hits


def test_everything_is_plain_json(found: Confidence) -> None:
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert told["bins"] == "15 of equal size"
    assert sum(one["n"] for one in told["reliability"]) == 300
    assert told["risk_coverage"][-1]["coverage"] == 1.0


def test_people_read_the_error_with_what_chance_alone_would_show(
    found: Confidence,
) -> None:
    text = found.render()
    assert f"ECE          {found.error:.3f} (15 bins of equal size, n=300)" in text
    assert "before calibration" in text
    assert f"{found.least_error:.3f} by chance alone" in text
    assert "wrong among the surest   10%: " in text


def test_a_model_that_names_nothing_has_no_share_that_is_right() -> None:
    even = np.zeros((5, 4), np.float32)
    found = measure(even, softmax(even), np.zeros(5, np.int64), 0.9)
    assert found.named == Share(0, 5)
    assert found.to_json()["right_when_named"] is None
    assert "right then" not in found.render()
