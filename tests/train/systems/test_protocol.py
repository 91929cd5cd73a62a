"""Early stopping: it ends a training that no longer helps, and goes back to the best.

Labels drawn by chance can be learned by heart and never generalise: the loss of the
stopping side soon rises for good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_train.systems import protocol
from genre_train.systems.material import Examples, Material
from genre_train.systems.protocol import SystemEpoch, predict, train
from genre_train.systems.registry import Recipe, find
from genre_train.systems.sides import Sides

if TYPE_CHECKING:
    from genre_train.checkpoint import Checkpoint

pytestmark = pytest.mark.slow

PATIENCE = 3
PATIENT = Recipe(epochs=200, learning_rate=0.01, patience=PATIENCE)


@dataclass
class Memory:
    """Keeps every checkpoint that it is given."""

    kept: list[Checkpoint] = field(default_factory=list)

    def load_checkpoint(self) -> Checkpoint | None:
        """Return the last one."""
        return self.kept[-1] if self.kept else None

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep it beside the others."""
        self.kept.append(checkpoint)


@pytest.fixture(scope="module")
def material() -> Material:
    rng = np.random.default_rng(5)
    examples = Examples(
        (rng.normal(size=(120, 57)).astype(np.float32),),
        rng.integers(0, 2, 120),
        np.array([f"track {i}" for i in range(120)]),
    )
    return Material(examples, np.zeros(120, bool), ("a", "b"), "by chance", {}, "")


SIDES = Sides(np.arange(60), np.arange(60, 90), np.arange(90, 120), "by number")


def trained(
    material: Material, recipe: Recipe, memory: Memory
) -> tuple[protocol.TrainedSystem, list[SystemEpoch]]:
    told: list[SystemEpoch] = []
    system = find("feature-mlp")
    done = train(
        system, recipe, material, SIDES, seed=1, record=told.append, keeper=memory
    )
    return done, told


def stopping_loss(material: Material, done: protocol.TrainedSystem) -> float:
    stop = material.examples.take(SIDES.stop)
    logits = predict(done.model, stop).astype(np.float64)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return float(-logits[np.arange(len(stop)), stop.genre].mean())


def test_a_training_ends_after_its_patience_with_the_best_weights(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_SAVE_EVERY_S", 0.0)
    memory = Memory()
    done, told = trained(material, PATIENT, memory)
    best = memory.kept[-1].best
    assert done.epochs == len(told) == best.epoch + PATIENCE < 200
    assert stopping_loss(material, done) == pytest.approx(best.loss, rel=1e-4)
    later = [one.best.epoch for one in memory.kept if one.epoch >= best.epoch]
    assert later == [best.epoch] * (PATIENCE + 1)


def test_without_patience_a_training_goes_to_its_end(material: Material) -> None:
    done, told = trained(
        material, Recipe(epochs=30, learning_rate=0.01, patience=0), Memory()
    )
    assert done.epochs == len(told) == 30
    assert told[-1].loss < 0.5 * told[0].loss


def test_a_training_that_goes_on_still_knows_its_best_epoch(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_SAVE_EVERY_S", 0.0)
    memory = Memory()
    trained(material, PATIENT, memory)
    best = memory.kept[-1].best
    memory.kept = [one for one in memory.kept if one.epoch <= best.epoch]
    done, _ = trained(material, PATIENT, memory)
    assert memory.kept[-1].best.loss <= best.loss
    assert done.epochs == memory.kept[-1].best.epoch + PATIENCE
