"""From a run to a bundle that the daemon's pipeline believes and that is right."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.train.songs import GENRES, RATE, song

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import Bundle, read_bundle, write_bundle
from genre_daemon.inference.classifier import Classifier
from genre_daemon.pipeline import Pipeline
from genre_export import package
from genre_export.benchmark import bench
from genre_export.opening import ExportSettings
from genre_export.package import build, verify
from genre_export.parity import ParityError
from genre_export.rounding import measure_ranges
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_export.rounding import Ranges

    Chunks = NDArray[np.float32]

pytestmark = pytest.mark.slow

QUICK = ExportSettings(name="toy", version="7", per_genre=5, tuning_steps=3)


@pytest.fixture(scope="module")
def bundle(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    path = tmp_path_factory.mktemp("bundle") / "toy.tflite"
    build(run, path, QUICK, force=False)
    return read_bundle(path)


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("rate", [RATE, 44_100])
def test_the_daemon_names_music_it_never_heard(
    bundle: Bundle, genre: str, rate: int
) -> None:
    samples = song(genre, np.random.default_rng(99), 9)
    if rate != RATE:
        samples = np.repeat(samples, rate // RATE)
    pipeline = Pipeline(bundle, rate)
    verdicts = [
        verdict
        for start in range(0, samples.size, rate)
        for verdict in pipeline.push(samples[start : start + rate])
    ]
    named = [bundle.info.labels[int(v.probabilities.argmax())] for v in verdicts]
    assert len(named) >= 3
    assert set(named) == {genre}


def test_a_hop_costs_one_inference_and_is_judged_as_if_its_patch_were_alone(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Chunks] = []
    hear = Classifier.hear

    def counted(self: Classifier, chunk: Chunks) -> Chunks:
        heard.append(chunk)
        return hear(self, chunk)

    monkeypatch.setattr(Classifier, "hear", counted)
    samples = song(GENRES[0], np.random.default_rng(99), 12)
    going_on, asked = Pipeline(bundle, RATE), []
    for start in range(0, samples.size, RATE):
        heard.clear()
        (*verdict,) = going_on.push(samples[start : start + RATE])
        if verdict:
            asked.append(len(heard))
            late = Pipeline(bundle, RATE)
            list(late.push(samples[:start], judge=False))
            (alone,) = late.push(samples[start : start + RATE])
            np.testing.assert_array_equal(
                verdict[0].prediction.probabilities, alone.prediction.probabilities
            )
    assert bundle.info.spec.n_chunks == 4
    assert asked == [4, *[1] * 6]


def test_the_bundle_says_how_it_came_to_be(bundle: Bundle, run: Path) -> None:
    info, config = bundle.info, RunFolder(run).config()
    assert info.title == "toy-7"
    assert info.labels == GENRES
    assert info.spec == FeatureSpec()
    made = info.provenance
    assert made["data"] == "three genres"
    assert made["licence_of_data"] == "public domain"
    assert made["counts"] == config["data"]["counts"]
    assert made["data_sha256"] == config["data"]["sha256"]
    assert made["seed"] == 0
    assert (made["epochs"], made["finished"]) == (20, True)
    assert made["parameters"] == RunFolder(run).load_model().count_params()
    assert "track-disjoint" in made["split"]


def test_the_bundle_gives_away_no_path(bundle: Bundle, run: Path) -> None:
    with zipfile.ZipFile(bundle.path) as archive:
        assert sorted(archive.namelist()) == ["labels.txt", "model.json"]
        text = archive.read("model.json").decode()
    assert str(run.parent) not in text
    assert json.loads(text)["labels"] == list(GENRES)


def test_the_figures_have_n_and_interval_for_float_and_int8(bundle: Bundle) -> None:
    metrics = bundle.info.metrics
    for kind in ("float", "int8"):
        figure = metrics["window_accuracy"][kind]
        assert figure["n"] == 6
        assert figure["low"] < figure["value"] <= figure["high"]
    assert metrics["same_top1"]["value"] >= 0.98
    assert sum(map(sum, metrics["confusion"])) == 6


def test_verify_finds_what_build_found(bundle: Bundle, run: Path) -> None:
    found = verify(bundle, run, None)
    parity = found.parity
    stored = bundle.info.metrics
    assert parity.agreement.to_json() == stored["same_top1"]
    assert parity.int8_accuracy.to_json() == stored["window_accuracy"]["int8"]
    assert parity.max_dp == pytest.approx(stored["max_dp"], abs=1e-3)
    parity.require()
    assert 0 <= found.confidence.error <= 1
    assert found.confidence.n == stored["calibration"]["n"] == 6


def test_a_bundle_of_another_run_is_no_match(
    bundle: Bundle, run: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.tflite"
    labels = ("ants", "bees", "cows")
    write_bundle(other, bundle.flatbuffer, replace(bundle.info, labels=labels))
    with pytest.raises(ConfigError, match="different labels or features"):
        verify(read_bundle(other), run, None)


def test_too_large_a_difference_writes_nothing_unless_forced(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def widely(model: object, chunks: Chunks) -> Ranges:
        """Measure ranges so wide that all of music falls on a few steps."""
        ranges = measure_ranges(model, chunks)
        return {name: (100 * low, 100 * high) for name, (low, high) in ranges.items()}

    monkeypatch.setattr(package, "measure_ranges", widely)
    coarse = replace(QUICK, tuning_steps=0)
    path = tmp_path / "coarse.tflite"
    with pytest.raises(ParityError, match="not the network that was trained"):
        build(run, path, coarse, force=False)
    assert list(tmp_path.iterdir()) == []
    assert build(run, path, coarse, force=True).parity.faults()
    assert read_bundle(path).info.metrics["same_top1"]["value"] < 0.98


def test_a_folder_that_is_not_there_is_told_before_the_work(
    run: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        build(run, tmp_path / "gone" / "x.tflite", QUICK, force=False)


def test_a_hop_is_timed(bundle: Bundle) -> None:
    timing = bench(bundle, 20)
    assert 0 < timing.median_ms <= timing.p95_ms
    assert timing.render().endswith("ms a hop (20 runs, one thread)")
