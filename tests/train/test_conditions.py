"""Conditions: what is played to a model, and how its answers are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.train.songs import RATE, song

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import (
    SHIPPED,
    BundleInfo,
    Calibration,
    read_bundle,
)
from genre_daemon.inference.classifier import Classifier
from genre_daemon.pipeline import Pipeline
from genre_train.conditions import (
    CLEAN,
    CLIPS,
    DESCRIPTIONS,
    DULL,
    PHONE,
    ROOM,
    evaluate_conditions,
    listening,
    material,
)
from genre_train.conditionstext import render
from genre_train.ears import BundleEar, RunEar
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.noises import Samples

SECONDS = 7


class Threshold:
    """Takes for jazz what has treble, for blues what has none, and noise for noise."""

    title = "treble-1"
    labels: tuple[str, ...] = ("blues", "jazz", "no_music")
    spec = FeatureSpec()
    threshold = 0.5

    def hear(self, samples: Samples) -> NDArray[np.float32]:
        """Say the same of two patches."""
        power = np.square(np.abs(np.fft.rfft(samples)))
        hz = np.fft.rfftfreq(samples.size, 1 / RATE)
        treble = power[hz > 5_000].sum() / power.sum()
        flat = power[hz < 100].sum() / power.sum() > 0.1
        place = 2 if flat else int(treble > 0.05)
        return np.tile(np.eye(3, dtype=np.float32)[place], (2, 1))


class Nameless(Threshold):
    """The same without a class for what is no music."""

    labels: tuple[str, ...] = ("blues", "jazz")

    def hear(self, samples: Samples) -> NDArray[np.float32]:
        """Leave the last class out."""
        return super().hear(samples)[:, :2]


def tone(hz: float) -> Samples:
    t = np.arange(SECONDS * RATE) / RATE
    return np.asarray(0.1 * np.sin(2 * np.pi * hz * t), np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Blues is a low tone, jazz a high one, everything else rumbles."""
    clips = tmp_path / "gtzan_clips"
    for side in ("train", "valid"):
        (clips / side).mkdir(parents=True)
        soundfile.write(clips / side / f"blues.0{side}.flac", tone(500), RATE)
        jazz = tone(7_000) + np.float32(0.1) * tone(500)
        soundfile.write(clips / side / f"jazz.0{side}.flac", jazz, RATE)
    for kind in ("speech", "music"):
        programmes = tmp_path / "music_speech" / kind
        programmes.mkdir(parents=True)
        for name in "abcd":
            path = programmes / f"{name}.opus"
            low = np.resize(tone(50 if kind == "speech" else 500), 24_000 * 6)
            soundfile.write(path, low, 24_000, format="OGG", subtype="OPUS")
    rows = {"esc10": ["file,fold,category"], "free_music": ["file,track"]}
    for name in ("esc10", "free_music"):
        (tmp_path / name).mkdir()
    for number in range(1, 5):
        soundfile.write(tmp_path / "esc10" / f"{number}.flac", tone(500), RATE)
        rows["esc10"].append(f"{number}.flac,{number},dog")
        soundfile.write(tmp_path / "free_music" / f"{number}.flac", tone(500), RATE)
        rows["free_music"] += [f"{number}.flac,{number}"] * 2
    for name, lines in rows.items():
        (tmp_path / name / "index.csv").write_text("\n".join(lines))
    return tmp_path


def test_each_condition_does_what_it_says() -> None:
    conditions = listening(RATE, n_rooms=1)
    assert set(conditions) == set(DESCRIPTIONS)
    sound = song("drums", np.random.default_rng(0), 3)
    hz = np.fft.rfftfreq(sound.size, 1 / RATE)
    power = {
        name: np.square(np.abs(np.fft.rfft(play(sound, 0))))
        for name, play in conditions.items()
    }
    above = hz > 5_000
    assert power[DULL][above].sum() < 1e-4 * power[CLEAN][above].sum()
    assert power[PHONE][hz > 9_000].sum() < 0.3 * power[CLEAN][hz > 9_000].sum()
    quiet = np.zeros(RATE, np.float32)
    quiet[100] = 1.0
    after = np.abs(conditions[ROOM](quiet, 0))[RATE // 10 :]
    assert after.max() > 1e-4


def test_a_recording_is_always_played_in_the_same_way() -> None:
    conditions = listening(RATE, n_rooms=1)
    sound = tone(500)
    for play in conditions.values():
        np.testing.assert_array_equal(play(sound, 3), play(sound, 3))


def test_only_what_is_held_out_is_played_besides_the_clips(folder: Path) -> None:
    sources = material(folder)
    clips = [source for source in sources if source.kind == CLIPS]
    assert {source.side for source in clips} == {"train", "valid"}
    assert {s.side for s in sources if s not in clips} == {"held-out"}
    free = [source.group for source in sources if source.kind == "free_music"]
    assert len(free) == len(set(free)) == 1


def test_answers_are_counted_by_condition(folder: Path) -> None:
    report = evaluate_conditions(Threshold(), folder, n_rooms=1)
    assert report["accuracy"][CLEAN]["value"] == 1.0
    assert report["accuracy"][CLEAN]["recordings"] == 2
    # Without treble the high tone is gone, and jazz with it.
    assert report["accuracy"][DULL]["value"] == 0.5
    assert report["change"][DULL]["value"] == -0.5
    assert report["change"][DULL]["recordings"] == 4
    assert report["no_music"]["speech"][CLEAN]["value"] == 1.0
    assert report["no_music"]["music"][CLEAN]["value"] == 0.0
    assert report["named"]["environment"][CLEAN]["value"] == 1.0
    text = render(report)
    assert "speech called no_music" in text
    assert "against clean -50.0 points" in text


def test_a_model_without_the_class_is_measured_too_and_says_so(folder: Path) -> None:
    report = evaluate_conditions(Nameless(), folder, n_rooms=1)
    assert "no_music" not in report
    assert report["named"]["environment"][CLEAN]["value"] == 1.0
    assert "this model has no such class" in render(report)


def test_a_folder_without_clips_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no gtzan_clips"):
        material(tmp_path)


def test_a_bundle_hears_as_the_daemon_does() -> None:
    ear = BundleEar(read_bundle(SHIPPED))
    heard = ear.hear(song("bells", np.random.default_rng(1), SECONDS))
    assert heard.shape == (2, len(ear.labels))
    np.testing.assert_allclose(heard.sum(axis=1), 1.0, atol=1e-5)
    short = ear.hear(song("bells", np.random.default_rng(1), 2))
    assert short.shape == (1, len(ear.labels))


class Bands:
    """Stands in for the network of a run, and for a bundle that was made of it."""

    info = BundleInfo("bands", "1", ("low", "high"), FeatureSpec(), Calibration())

    def predict(self, chunks: NDArray[np.float32], **_: object) -> NDArray[np.float32]:
        """Answer with the last levels of two bands."""
        return chunks[:, -1, [3, 90], 0]


class BandsBundle(Classifier):
    """The same as a classifier."""

    def __init__(self) -> None:
        self.info = Bands.info
        self._temperature = 1.0

    def hear(self, chunk: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer about one chunk."""
        (logits,) = Bands().predict(chunk[None, ..., None])
        return np.asarray(logits, np.float32)


@pytest.mark.parametrize(("seconds", "n"), [(9, 4), (2, 1)])
def test_a_run_hears_what_a_bundle_of_it_would_hear(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seconds: int, n: int
) -> None:
    config = {"labels": ["low", "high"], "spec": Bands.info.spec.to_json()}
    monkeypatch.setattr(RunFolder, "config", lambda _: config)
    monkeypatch.setattr(RunFolder, "load_model", lambda _: Bands())
    samples = song("drums", np.random.default_rng(1), seconds)
    said = RunEar(tmp_path).hear(samples)
    assert said.shape == (n, 2)
    pipeline = Pipeline(BandsBundle(), RATE)
    verdicts = [*pipeline.push(samples), *pipeline.finish()]
    live = [verdict.prediction.probabilities for verdict in verdicts]
    np.testing.assert_allclose(said, live, atol=1e-5)
