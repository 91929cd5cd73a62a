"""From a folder of recordings to a fitted bundle and its streaming figures."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.train.songs import RATE, song

from genre_daemon.errors import BundleError, ConfigError
from genre_daemon.inference.bundle import SHIPPED, read_bundle, write_bundle
from genre_daemon.messages import NO_MUSIC
from genre_daemon.pipeline import Pipeline
from genre_train.streaming import command
from genre_train.streaming.command import (
    Material,
    evaluate_in_turn,
    evaluate_streaming,
    fit_bundle,
)
from genre_train.streaming.fit import Fitted, fit
from genre_train.streaming.hearing import Heard, hear
from genre_train.streaming.model import BundleModel
from genre_train.streaming.playlists import PlaylistSettings, draw_playlist
from genre_train.streaming.recordings import read_music, read_others

SHORT = PlaylistSettings(songs=3, song_s=(6.0, 9.0), voice_over=0.0)


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesised songs under the names of genres that the shipped bundle knows."""
    folder, rng = tmp_path_factory.mktemp("songs"), np.random.default_rng(440)
    for genre, sound in (("jazz", "bells"), ("metal", "drums")):
        for number in range(2):
            samples = song(sound, rng, 6.0)
            soundfile.write(folder / f"{genre}.{number}.wav", samples, RATE)
    return folder


def test_predictions_are_those_of_the_daemon(music: Path) -> None:
    bundle = read_bundle(SHIPPED)
    recordings = read_music(music, bundle.info.labels, RATE)
    playlist = draw_playlist(recordings, [], RATE, (0,), SHORT)
    heard = hear(playlist, BundleModel(bundle))
    pipeline = Pipeline(bundle, RATE)
    live = [
        verdict.prediction
        for start in range(0, len(playlist.samples), RATE)
        for verdict in pipeline.push(playlist.samples[start : start + RATE])
    ]
    assert [p.time_s for p in heard.predictions] == [p.time_s for p in live]
    for one, other in zip(heard.predictions, live, strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)


def test_genres_are_told_by_folder_or_by_name(music: Path, tmp_path: Path) -> None:
    shutil.copytree(music, tmp_path / "flat")
    for genre in ("jazz", "metal"):
        (tmp_path / "nested" / genre).mkdir(parents=True)
        shutil.copy(music / f"{genre}.0.wav", tmp_path / "nested" / genre / "x.wav")
    labels = ("jazz", "metal", NO_MUSIC)
    flat = read_music(tmp_path / "flat", labels, RATE)
    nested = read_music(tmp_path / "nested", labels, RATE)
    assert [one.label for one in flat] == ["jazz", "jazz", "metal", "metal"]
    assert [one.label for one in nested] == ["jazz", "metal"]


def test_tracks_that_the_model_was_trained_on_are_left_out(music: Path) -> None:
    labels = ("jazz", "metal")
    rest = read_music(music, labels, RATE, without={"jazz.0", "metal.1"})
    assert [one.name for one in rest] == ["jazz.1", "metal.0"]
    with pytest.raises(ConfigError, match="1 of the model's genres that it was not"):
        read_music(music, labels, RATE, without={"jazz.0", "jazz.1"})


def test_a_network_with_other_labels_is_refused(music: Path, tmp_path: Path) -> None:
    shipped = read_bundle(SHIPPED)
    info = replace(shipped.info, labels=tuple(reversed(shipped.info.labels)))
    write_bundle(tmp_path / "other.tflite", shipped.flatbuffer, info)
    with pytest.raises(ConfigError, match="name a network with the same"):
        fit_bundle([tmp_path / "other.tflite"], SHIPPED, Material(music))


def test_sounds_to_fit_on_and_to_score_on_are_not_the_same(music: Path) -> None:
    halves = [{r.name for r in read_others([music], RATE, half)} for half in (0, 1)]
    assert [len(half) for half in halves] == [2, 2]
    assert not halves[0] & halves[1]


def test_recordings_of_unknown_genres_are_no_playlist(music: Path) -> None:
    with pytest.raises(ConfigError, match="0 of the model's genres, two are needed"):
        read_music(music, ("ska", "polka"), RATE)


def test_a_folder_without_audio_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no audio file"):
        read_music(tmp_path, ("jazz", "metal"), RATE)


def test_fitted_numbers_travel_in_the_bundle(music: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "mine.tflite"
    shutil.copy(SHIPPED, bundle)
    before = evaluate_streaming(bundle, Material(music, playlists=1, settings=SHORT))
    assert before["also_fitted_on"] == []
    fitted = fit_bundle(
        [bundle], bundle, Material(music, playlists=1, seed=1, settings=SHORT)
    )
    written = read_bundle(bundle)
    assert written.info.calibration.filter == fitted.filter
    assert written.info.calibration.threshold == fitted.threshold
    assert written.flatbuffer == read_bundle(SHIPPED).flatbuffer
    assert Pipeline(written, RATE).smoother.settings.filter == fitted.filter
    after = evaluate_streaming(bundle, Material(music, playlists=1, settings=SHORT))
    assert after["also_fitted_on"] == ["jazz.0", "jazz.1", "metal.0", "metal.1"]
    names = [one["smoother"] for one in after["figures"]]
    assert names[0] == "raw"
    assert f"moving average of {fitted.average_length}" in names[1:-2]
    assert names[-2:] == ["ours, always named", "ours, or unknown"]


def test_a_threshold_that_is_to_be_kept_is_kept(music: Path, tmp_path: Path) -> None:
    bundle, before = tmp_path / "mine.tflite", read_bundle(SHIPPED).info.calibration
    shutil.copy(SHIPPED, bundle)
    few = Material(music, playlists=1, seed=1, settings=SHORT)
    fitted = fit_bundle([bundle], bundle, few, keep_threshold=True)
    assert fitted.threshold == before.threshold
    written = read_bundle(bundle).info.calibration
    assert written.threshold == before.threshold
    assert written.filter == fitted.filter


def test_a_network_that_knows_all_but_one_genre_is_passed_over(
    music: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bundle = tmp_path / "mine.tflite"
    shutil.copy(SHIPPED, bundle)
    learned = {"one": {"jazz.0", "jazz.1"}, "two": {"jazz.0"}}

    def network(path: Path, *_calibration: object) -> BundleModel:
        model = BundleModel(read_bundle(SHIPPED))
        model.learned_from = frozenset(learned[path.name])
        return model

    monkeypatch.setattr(command, "open_model", network)
    one, two = (tmp_path / name for name in learned)
    few = Material(music, playlists=1, settings=SHORT)
    fit_bundle([two, one], bundle, few)
    assert f"{one} is passed over: {music} has recordings of 1" in caplog.text
    told = read_bundle(bundle).info.metrics["smoothing"]["fitted_on"]
    assert told == ["jazz.1", "metal.0", "metal.1"]
    with pytest.raises(ConfigError, match="1 of the model's genres that it was not"):
        fit_bundle([one, one], bundle, few)


def test_runs_that_share_recordings_are_scored_by_numbers_of_the_others(
    music: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    learned = {
        "one": {"jazz.0", "metal.0"},
        "two": {"jazz.1", "metal.1"},
        "all": {"jazz.0", "jazz.1", "metal.0"},
    }
    fitted_to: list[set[str]] = []

    def network(path: Path, *_calibration: object) -> BundleModel:
        model = BundleModel(read_bundle(SHIPPED))
        model.learned_from = frozenset(learned[path.name])
        return model

    def noted(heard: list[Heard], labels: tuple[str, ...]) -> Fitted:
        spans = (span for one in heard for span in one.spans)
        fitted_to.append({span.name for span in spans if span.label})
        return fit(heard, labels)

    monkeypatch.setattr(command, "open_model", network)
    monkeypatch.setattr(command, "fit", noted)
    few = Material(music, playlists=1, settings=SHORT)
    found = evaluate_in_turn([Path(name) for name in learned], few)
    assert fitted_to == [{"jazz.0", "metal.0"}, {"jazz.1", "metal.1"}]
    assert found["recordings"] == ["jazz.0", "jazz.1", "metal.0", "metal.1"]
    assert found["playlists"] == 2
    assert "all is passed over" in caplog.text
    names = [one["smoother"] for one in found["figures"]]
    assert names[0] == "raw"
    assert names[-2:] == ["ours, always named", "ours, or unknown"]
    with pytest.raises(ConfigError, match="1 of 2 runs have recordings to hear"):
        evaluate_in_turn([Path("one"), Path("all")], few)
    with pytest.raises(ConfigError, match="not learned the same recording"):
        evaluate_in_turn([Path("one"), Path("one")], few)


def test_what_is_neither_run_nor_bundle_is_told(music: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no run folder"):
        evaluate_streaming(tmp_path, Material(music))
    with pytest.raises(BundleError):
        evaluate_streaming(music / "jazz.0.wav", Material(music))
