"""Who is held out: honest keeps a track together, leaky does not, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_train.systems.inputs import CLIPS, patches
from genre_train.systems.sides import HONEST, LEAKY, choose

if TYPE_CHECKING:
    from genre_train.systems.inputs import Sources
    from genre_train.systems.material import Material


@pytest.fixture(scope="module")
def material(sources: Sources) -> Material:
    """Six clips each of thirty tracks."""
    return patches(sources, clips=True)


def test_a_window_gives_clips_that_overlap(sources: Sources) -> None:
    whole, cut = patches(sources, clips=False), patches(sources, clips=True)
    assert whole.examples.inputs[0].shape == (30, 128, 128)
    assert cut.examples.inputs[0].shape == (30 * CLIPS, 64, 128)
    assert cut.examples.track[:CLIPS].tolist() == [whole.examples.track[0]] * CLIPS
    assert cut.patch_frames == 64
    means = cut.examples.inputs[0].mean(axis=(1, 2))
    np.testing.assert_allclose(means, 0, atol=1e-4)


def test_honest_sides_share_no_track(material: Material) -> None:
    sides = choose(material, HONEST, 0, stopping=True)
    tracks = [
        set(material.examples.track[side].tolist())
        for side in (sides.fit, sides.stop, sides.held_out)
    ]
    assert all(tracks)
    assert sum(map(len, tracks)) == len(set.union(*tracks)) == 30
    assert sides.words.startswith("honest: ")


def test_leaky_sides_share_tracks_and_say_how_many(material: Material) -> None:
    sides = choose(material, LEAKY, 0, stopping=True)
    tracks = material.examples.track
    both = set(tracks[sides.fit].tolist()) & set(tracks[sides.held_out].tolist())
    assert len(both) > 15
    assert sides.words.startswith("leaky: ")
    assert "tracks are on both sides" in sides.words
    assert len(sides.held_out) == pytest.approx(0.2 * len(tracks), abs=2)


@pytest.mark.parametrize("protocol", [HONEST, LEAKY])
def test_every_example_has_one_side(material: Material, protocol: str) -> None:
    sides = choose(material, protocol, 0, stopping=True)
    together = np.concatenate([sides.fit, sides.stop, sides.held_out])
    assert sorted(together.tolist()) == list(range(len(material.examples)))


def test_nothing_stops_what_has_no_patience(material: Material) -> None:
    assert len(choose(material, HONEST, 0, stopping=False).stop) == 0


def test_a_seed_decides_the_leaky_sides(material: Material) -> None:
    held_out = [choose(material, LEAKY, s, stopping=False).held_out for s in (0, 0, 1)]
    assert held_out[0].tolist() == held_out[1].tolist() != held_out[2].tolist()
