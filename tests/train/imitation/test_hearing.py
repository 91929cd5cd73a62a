"""Takes: the same recording again and again, never quite the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from genre_daemon.features.spec import FeatureSpec
from genre_train import playing
from genre_train.imitation import hearing
from genre_train.imitation.hearing import Hearing, hear, hear_takes
from genre_train.imitation.moments import MOMENT_FRAMES, N_TARGETS
from genre_train.nomusic import FIT, MUSIC, Source

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.imitation.excerpts import Heard

pytestmark = pytest.mark.slow

SPEC = FeatureSpec()
SECONDS, TAKES = 4, 5


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Source]:
    """Two pieces of pulses, low and high."""
    pytest.importorskip("musicnn", reason="musicnn is not installed")
    folder = tmp_path_factory.mktemp("pieces")
    t = np.arange(SECONDS * SPEC.sample_rate) / SPEC.sample_rate
    for name, hertz in (("low", 220.0), ("high", 1760.0)):
        tone = 0.5 * np.sin(2 * np.pi * hertz * t) * np.exp(-8 * (t % 0.5))
        soundfile.write(folder / f"{name}.wav", tone, SPEC.sample_rate)
    return [
        Source(f"music/{name}", MUSIC, FIT, name, folder / f"{name}.wav")
        for name in ("low", "high")
    ]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the takes are kept."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def takes(pieces: list[Source], cache: Path) -> list[Heard]:
    """All takes of both."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(playing, "TRAINING_ROOMS", 2)
        return hear_takes(pieces, Hearing(SPEC, takes=TAKES, cache=cache))


def test_the_first_take_is_the_recording_as_it_is(
    pieces: list[Source], takes: list[Heard]
) -> None:
    for one, take in zip(hear(pieces, Hearing(SPEC)), takes, strict=False):
        np.testing.assert_array_equal(one.frames, take.frames)
        np.testing.assert_array_equal(one.moments, take.moments)


def test_every_take_is_heard_by_both_ears_and_in_a_room(takes: list[Heard]) -> None:
    assert len(takes) == 2 * TAKES
    for take in takes:
        assert take.moments.shape[1] == N_TARGETS
        assert len(take.moments) == pytest.approx(
            len(take.frames) / MOMENT_FRAMES, abs=3
        )
        assert take.in_a_room is not None
        assert len(take.in_a_room) == pytest.approx(len(take.frames), abs=1)


def test_takes_have_other_tempi(takes: list[Heard]) -> None:
    lengths = [len(take.frames) for take in takes[::2]]
    assert lengths[1] > lengths[0] > lengths[2]


def test_a_recording_beneath_is_seen_and_heard(takes: list[Heard]) -> None:
    alone, with_another = takes[0], takes[6]
    loud = [
        take.frames.max(axis=0).astype(np.float32) for take in (alone, with_another)
    ]
    rise = (loud[1] - loud[1].max()) - (loud[0] - loud[0].max())
    assert rise.max() > 20
    heard = [
        take.moments.astype(np.float32).mean(axis=0) for take in (alone, with_another)
    ]
    assert np.abs(heard[1] - heard[0]).max() > 0.1


def test_what_was_heard_before_is_not_heard_again(
    pieces: list[Source],
    takes: list[Heard],
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("musicnn was asked again")

    monkeypatch.setattr(hearing, "moments_of", refuse)
    again = hear_takes(pieces, Hearing(SPEC, takes=TAKES, cache=cache))
    for one, other in zip(takes, again, strict=True):
        for name, values in vars(one).items():
            np.testing.assert_array_equal(values, vars(other)[name])


def test_two_processes_hear_what_one_hears(
    pieces: list[Source], takes: list[Heard]
) -> None:
    # Alone: in rooms, there would have to be fewer of them in other processes, too.
    for one, take in zip(hear(pieces, Hearing(SPEC, jobs=2)), takes, strict=False):
        np.testing.assert_allclose(one.moments, take.moments, atol=0.01)
